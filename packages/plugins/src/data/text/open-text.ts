// Files of text as documents of token ids, a part of them held back. Small texts are kept encoded; large ones are read and encoded
// again at each pass, in an order that is shuffled within a window.
import { createHash } from 'node:crypto';
import {
  digestFile,
  documentIds,
  encodeDocument,
  holdBack,
  InputError,
  leastHashes,
  passes,
  withoutHeldOut,
  type DataContext,
  type HeldBack,
  type OpenData,
  type Random,
  type TextCodec,
  type TrainingDocument,
  type TrainingDocuments,
  type Watch,
} from '@espalier/core';
import { cutEvenly } from './cut-evenly.js';
import { openTexts, type Texts, type TextSpec } from './texts.js';

/** Files, how they are read, and what they are called in messages. */
export interface TextFiles extends TextSpec {
  /** For messages. */
  readonly name: string;
  /** Paths, read one after another. */
  readonly files: readonly string[];
  /** Whether documents that are trained on end in the token that ends a document; they do when not given. */
  readonly end?: boolean;
}

/** Bytes of text up to which all documents are kept in memory, encoded. */
const SMALL_BYTES = 8 * 2 ** 20;
/** Documents of a large text that are shuffled at a time. */
const WINDOW = 8192;
/** The share of a large text's documents that is held out, and how many at most. */
const [SHARE, MOST] = [0.1, 1024];

/** Opens files of text; whole texts are read once, so that what is wrong in them is found now. Throws `InputError`. */
export async function openText(
  { name, files, end = true, ...spec }: TextFiles,
  { teacher: { tokenizer }, length, watch = () => undefined }: Pick<DataContext, 'teacher' | 'length' | 'watch'>,
  small = SMALL_BYTES,
): Promise<OpenData> {
  const texts = await openTexts(files, spec);
  const digests: string[] = [];
  let hashed = 0;
  for (const file of files) {
    const { bytes, sha256 } = await digestFile(file, (seen) =>
      watch({ done: hashed + seen, total: texts.bytes, unit: 'bytes hashed' }),
    );
    hashed += bytes;
    digests.push(sha256);
  }
  const seen = (characters: number): void =>
    // Packed files hold more characters than bytes: their end is then not foreseen.
    watch({ done: Math.min(characters, texts.bytes), total: texts.bytes, unit: 'bytes of text' });
  const { format = null, split, field } = spec;
  const shared = { files: digests, identity: { files: digests, format, split, field, end } };
  const eos = end ? tokenizer.eos : undefined;
  if (texts.bytes > small) return { ...(await openLarge(name, texts, { tokenizer, eos, seen, watch })), ...shared };
  const documents: (readonly number[])[] = [];
  const noted = await eachText(name, { texts, seen }, (text) => documents.push(encodeDocument(tokenizer, text)));
  let parts: HeldBack | undefined;
  // Only where something is trained: to judge by a text, one document is enough.
  const held = (): HeldBack => (parts ??= holdBack(cutEvenly(documents, { name, length }, tokenizer)));
  return {
    training: (random) => ended(passes(held().training, random), eos),
    heldOut: () => new Promise((resolve) => resolve(held().heldOut)),
    tokens: () =>
      held().training.reduce((total, own) => {
        const ids = documentIds(own);
        return total + ids.length + (eos === undefined || ids.at(-1) === eos ? 0 : 1);
      }, 0),
    all: documents,
    ...noted,
    ...shared,
  };
}

/** Shows each text to `see`. Gives a notice about rows without one. Throws `InputError` where there is no text at all. */
async function eachText(
  name: string,
  { texts, seen }: { readonly texts: Texts; readonly seen: (characters: number) => void },
  see: (text: string) => void,
): Promise<Pick<OpenData, 'notice'>> {
  let [count, nulls, characters] = [0, 0, 0];
  for await (const text of texts.read()) {
    count += 1;
    if (text === null) nulls += 1;
    else {
      see(text);
      characters += text.length;
    }
    seen(characters);
  }
  if (count === nulls) {
    const found = nulls === 0 ? 'it holds no text' : `it holds no text: all its ${nulls} rows are null`;
    throw new InputError({ asked: `read text "${name}"`, found, fix: 'Give a file with text in it' });
  }
  return nulls === 0 ? {} : { notice: `text "${name}": ${nulls} of ${count} rows are null and are left out` };
}

/** Texts are chosen by a hash of their characters, as encoding all of them would take long; then what has equal ids is kept out. */
async function openLarge(
  name: string,
  texts: Texts,
  {
    tokenizer,
    eos,
    seen,
    watch,
  }: {
    readonly watch: Watch;
    readonly tokenizer: TextCodec;
    readonly eos: number | undefined;
    readonly seen: (characters: number) => void;
  },
): Promise<Omit<OpenData, 'identity'>> {
  let chosen = new Map<number, string>();
  let [different, last, characters] = [0, NaN, 0];
  const thin = (): void => {
    const kept = new Set(leastHashes([...chosen.keys()], SHARE, MOST));
    chosen = new Map([...chosen].filter(([hash]) => kept.has(hash)));
  };
  const noted = await eachText(name, { texts, seen }, (text) => {
    const hash = createHash('sha256').update(text).digest().readUIntBE(0, 6) / 2 ** 48;
    characters += text.length;
    if (hash !== last) [different, last] = [different + 1, hash];
    // One is kept whatever its hash, in case that none is below the share.
    if (hash < SHARE || chosen.size === 0) chosen.set(hash, text);
    if (chosen.size >= 2 * MOST) thin();
  });
  thin();
  const heldOut = [...chosen.values()]
    .map((text, index) => {
      watch({ done: index, total: chosen.size, unit: 'documents held out' });
      return encodeDocument(tokenizer, text);
    })
    .filter((document) => document.length >= 2);
  if (different < 2 || heldOut.length === 0) {
    throw new InputError({
      asked: `train on "${name}"`,
      found: `it is large, and has ${different < 2 ? 'no two different documents' : 'no document to hold back'}`,
      fix: 'Cut it into more documents, one a line (split lines)',
    });
  }
  const sampled = [...chosen.values()].reduce((total, { length }) => total + length, 0);
  const tokens = heldOut.reduce((total, { length }) => total + length, 0);
  async function* allPasses(random: Random): AsyncGenerator<readonly number[]> {
    for (let pass = 0; ; pass++) yield* shuffledInWindows(encoded(texts, tokenizer), random.fork(`pass ${pass}`));
  }
  return {
    training: (random) => ended(withoutHeldOut(allPasses(random), heldOut), eos),
    heldOut: () => Promise.resolve(heldOut),
    tokens: () => Math.round((tokens / sampled) * (characters - sampled)),
    all: { [Symbol.asyncIterator]: () => encoded(texts, tokenizer, seen) },
    ...noted,
  };
}

/** What is trained on says where it ends; what is judged by is as the tokenizer gives it. */
async function* ended(documents: TrainingDocuments, eos: number | undefined): AsyncGenerator<TrainingDocument> {
  for await (const document of documents) {
    const ids = documentIds(document);
    yield eos === undefined || ids.at(-1) === eos ? document : [...ids, eos];
  }
}

async function* encoded(
  texts: Texts,
  tokenizer: TextCodec,
  seen: (characters: number) => void = () => undefined,
): AsyncGenerator<readonly number[]> {
  let characters = 0;
  for await (const text of texts.read()) {
    if (text === null) continue;
    yield encodeDocument(tokenizer, text);
    seen((characters += text.length));
  }
}

/** Keeps a window of documents and gives a random one of it for each that comes in. */
async function* shuffledInWindows<Document>(
  documents: AsyncIterable<Document>,
  random: Random,
): AsyncGenerator<Document> {
  const window: Document[] = [];
  for await (const document of documents) {
    if (window.length < WINDOW) {
      window.push(document);
      continue;
    }
    const place = random.integer(WINDOW);
    const chosen = window[place];
    window[place] = document;
    if (chosen !== undefined) yield chosen;
  }
  yield* random.shuffle(window);
}
