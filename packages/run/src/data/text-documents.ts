// Texts as documents of token ids to train on, and a part held back. Small texts are kept encoded; large ones are read and encoded
// again at each pass, in an order that is shuffled within a window.
import {
  encodeDocument,
  encodeTrainingDocument,
  InputError,
  type DataSource,
  type Random,
  type TextCodec,
  type TokenDocuments,
} from '@espalier/core';
import { documentsSource } from '@espalier/plugins';
import type { Texts } from './texts.js';

export interface SplitDocuments {
  readonly source: DataSource;
  /** Documents that no training sees. */
  readonly validation: readonly (readonly number[])[];
}

/** One document in ten is held back … */
const HELD_BACK_SHARE = 10;
/** … of a large text only so many, from its beginning. */
const MOST_HELD_BACK = 1024;
/** Bytes of text up to which all documents are kept in memory, encoded. */
const SMALL_BYTES = 64 * 2 ** 20;
/** Documents of a large text that are shuffled at a time. */
const WINDOW = 8192;

/** Splits texts into documents to train on and documents held back. Throws `InputError` for too little text. */
export async function splitDocuments(
  name: string,
  texts: Texts,
  tokenizer: TextCodec,
  length: number,
  small = SMALL_BYTES,
): Promise<SplitDocuments> {
  if (texts.bytes > small) return largeDocuments(name, texts, tokenizer);
  const documents = cutEvenly(
    await encodeEach(name, texts, (text, index) => encode(tokenizer, text, index)),
    { name, length },
    tokenizer,
  );
  return {
    source: documentsSource(
      'text',
      documents.filter((_, index) => !isHeldBack(index)),
    ),
    validation: documents.filter((_, index) => isHeldBack(index)),
  };
}

/** What is trained on ends in the token that ends a document; what is held back is as it is evaluated. */
function encode(tokenizer: TextCodec, text: string, index: number): readonly number[] {
  return isHeldBack(index) ? encodeDocument(tokenizer, text) : encodeTrainingDocument(tokenizer, text);
}

/** All texts, encoded to be evaluated. Throws `InputError` where there is none. */
export async function encodeAll(
  name: string,
  texts: Texts,
  tokenizer: TextCodec,
): Promise<readonly (readonly number[])[]> {
  return encodeEach(name, texts, (text) => encodeDocument(tokenizer, text));
}

async function encodeEach(
  name: string,
  texts: Texts,
  encodeOne: (text: string, index: number) => readonly number[],
): Promise<readonly (readonly number[])[]> {
  const documents: (readonly number[])[] = [];
  for await (const text of texts.read()) documents.push(encodeOne(text, documents.length));
  if (documents.length > 0) return documents;
  throw new InputError({ asked: `read text "${name}"`, found: 'it holds no text', fix: 'Give a file with text in it' });
}

function isHeldBack(index: number): boolean {
  return index % HELD_BACK_SHARE === HELD_BACK_SHARE - 1;
}

async function largeDocuments(name: string, texts: Texts, tokenizer: TextCodec): Promise<SplitDocuments> {
  const last = HELD_BACK_SHARE * MOST_HELD_BACK;
  const validation: (readonly number[])[] = [];
  let index = 0;
  for await (const text of texts.read()) {
    if (isHeldBack(index)) validation.push(encodeDocument(tokenizer, text));
    index += 1;
    if (index === last) break;
  }
  async function* training(): AsyncGenerator<readonly number[]> {
    let position = 0;
    for await (const text of texts.read()) {
      if (position >= last || !isHeldBack(position)) yield encodeTrainingDocument(tokenizer, text);
      position += 1;
    }
  }
  if (validation.length === 0) {
    const found = `it is large and has ${index} documents`;
    throw new InputError({
      asked: `train on "${name}"`,
      found,
      fix: `Cut it into more: --split lines, or one document a line`,
    });
  }
  const documents = async function* (random: Random): AsyncGenerator<readonly number[]> {
    for (let pass = 0; ; pass++) yield* shuffledInWindows(training(), random.fork(`pass ${pass}`));
  };
  const source: DataSource = {
    name: 'text',
    summary: 'a large text, read again at each pass',
    layout: 'packed',
    documents: ({ random }) => documents(random),
  };
  return { source, validation };
}

/** Keeps a window of documents and gives a random one of it for each that comes in. */
async function* shuffledInWindows(documents: TokenDocuments, random: Random): AsyncGenerator<readonly number[]> {
  const window: (readonly number[])[] = [];
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

/**
 * Too few documents to hold one in ten back are cut into pieces of the training length first. Each begins as a text begins;
 * a rest with nothing to predict is dropped.
 */
function cutEvenly(
  documents: readonly (readonly number[])[],
  { name, length }: { readonly name: string; readonly length: number },
  { prefix: head }: TextCodec,
): readonly (readonly number[])[] {
  if (documents.length >= HELD_BACK_SHARE) return documents;
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
    asked: `train and evaluate on "${name}"`,
    found: `it has ${documents.length} documents and ${tokens} tokens in all`,
    fix: `Give at least ${HELD_BACK_SHARE} lines, or ${HELD_BACK_SHARE * length} tokens, or --data teacher, which needs no text`,
  });
}
