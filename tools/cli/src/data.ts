// Turns `--data` into text to train on and text held back to evaluate on.
import {
  encodeDocument,
  InputError,
  takeDocuments,
  type DataContext,
  type DataSource,
  type TextCodec,
} from '@espalier/core';
import {
  clozeItems,
  documentsSource,
  readDocuments,
  tales,
  teacherSource,
  tinyTalesSource,
  type ClozeTokens,
} from '@espalier/plugins';

export interface DataFlags {
  /** `tinytales`, `teacher`, or the path of a text file. */
  readonly data: string;
  /** How a text file is cut into documents. */
  readonly split: 'lines' | 'whole';
  /** Text to evaluate on instead of a held-back part. */
  readonly evalData?: string;
  readonly evalSplit: 'lines' | 'whole';
  /** Tokens per training sequence. */
  readonly length: number;
  readonly seed: number;
}

/** What a run reads. */
export interface RunData {
  readonly source: DataSource;
  /** Documents that no training sees. */
  validation(context: DataContext): Promise<readonly (readonly number[])[]>;
  /** Questions about stories that no training sees. */
  readonly cloze: readonly ClozeTokens[];
  /** What the user should know about this data and this model. */
  readonly notice?: string;
}

/** Documents held back of endless sources, and items of the cloze task. */
const HELD_BACK = 128;
const CLOZE_ITEMS = 400;
/** One document in ten of a file is held back. */
const HELD_BACK_SHARE = 10;

export async function resolveData(flags: DataFlags, tokenizer: TextCodec): Promise<RunData> {
  const own = await ownData(flags, tokenizer);
  if (flags.evalData === undefined) return own;
  const documents = await readDocuments({ path: flags.evalData, split: flags.evalSplit }, tokenizer);
  return { ...own, validation: () => Promise.resolve(documents) };
}

async function ownData(flags: DataFlags, tokenizer: TextCodec): Promise<RunData> {
  const { data, length, seed } = flags;
  if (data === 'tinytales') {
    return {
      source: tinyTalesSource,
      validation: () => Promise.resolve(validationTales(seed, tokenizer)),
      ...clozeTokens(seed, tokenizer),
    };
  }
  if (data === 'teacher') {
    const source = teacherSource({ length: length + 1 });
    return { source, validation: (context) => takeDocuments(source.documents(context), HELD_BACK), cloze: [] };
  }
  const documents = cutEvenly(await readDocuments({ path: data, split: flags.split }, tokenizer), flags, tokenizer);
  const isHeldBack = (_: unknown, index: number): boolean => index % HELD_BACK_SHARE === HELD_BACK_SHARE - 1;
  const training = documents.filter((own, index) => !isHeldBack(own, index));
  const validation = documents.filter(isHeldBack);
  return { source: documentsSource('text', training), validation: () => Promise.resolve(validation), cloze: [] };
}

function validationTales(seed: number, tokenizer: TextCodec): readonly (readonly number[])[] {
  const documents: (readonly number[])[] = [];
  for (const text of tales(seed, 'validation')) {
    const end = tokenizer.eos === undefined ? [] : [tokenizer.eos];
    documents.push([...encodeDocument(tokenizer, text), ...end]);
    if (documents.length === HELD_BACK) break;
  }
  return documents;
}

/**
 * Too few documents to hold one in ten back are cut into pieces of the training length first. Each begins as a text begins;
 * a rest with nothing to predict is dropped.
 */
function cutEvenly(
  documents: readonly (readonly number[])[],
  { data, length }: DataFlags,
  { bos }: TextCodec,
): readonly (readonly number[])[] {
  if (documents.length >= HELD_BACK_SHARE) return documents;
  const head = bos === undefined ? [] : [bos];
  const step = Math.max(length - head.length, 1);
  const pieces = documents
    .map((document) => document.slice(head.length))
    .flatMap((body) =>
      Array.from({ length: Math.ceil(body.length / step) }, (_, index) => [
        ...head,
        ...body.slice(index * step, (index + 1) * step),
      ]),
    )
    .filter((piece) => piece.length >= 2);
  const tokens = documents.reduce((total, { length: own }) => total + own, 0);
  if (pieces.length >= HELD_BACK_SHARE) return pieces;
  throw new InputError({
    asked: `train and evaluate on "${data}"`,
    found: `it has ${documents.length} documents and ${tokens} tokens in all`,
    fix: `Give at least ${HELD_BACK_SHARE} lines, or ${HELD_BACK_SHARE * length} tokens, or --data teacher, which needs no text`,
  });
}

/** What `evaluate` reads. */
export type EvaluationData = Pick<RunData, 'cloze' | 'notice'> & { readonly documents: readonly (readonly number[])[] };

/** The cloze task of TinyTales in a tokenizer's ids; left out, with a notice, where a choice is not a token of its own. */
function clozeTokens(seed: number, tokenizer: TextCodec): Pick<RunData, 'cloze' | 'notice'> {
  const items = clozeItems(seed, CLOZE_ITEMS);
  const ids = new Map(items.flatMap(({ choices }) => choices).map((choice) => [choice, tokenizer.encode(choice)]));
  const split = [...ids].find(([, own]) => own.length !== 1);
  const distinct = new Set([...ids.values()].map(([id]) => id)).size === ids.size;
  if (split !== undefined || !distinct) {
    const why =
      split === undefined ? 'several of its choices are one token' : `"${split[0]}" is ${split[1].length} tokens`;
    const notice = `the cloze task of TinyTales is left out: in this model's tokenizer ${why}, and the task needs the TinyTales tokenizer, where every choice is a token of its own`;
    return { cloze: [], notice };
  }
  const cloze = items.map(({ prompt, choices, answer }) => ({
    prompt: encodeDocument(tokenizer, prompt),
    choices: choices.flatMap((choice) => ids.get(choice) ?? []),
    answer,
  }));
  return { cloze };
}

/** All documents of a file, or held-back tales and their cloze task. */
export async function resolveEvaluation(
  { data, split, seed }: Pick<DataFlags, 'data' | 'split' | 'seed'>,
  tokenizer: TextCodec,
): Promise<EvaluationData> {
  if (data === 'tinytales') return { documents: validationTales(seed, tokenizer), ...clozeTokens(seed, tokenizer) };
  return { documents: await readDocuments({ path: data, split }, tokenizer), cloze: [] };
}
