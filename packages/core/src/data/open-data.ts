// What a source gives, made of a list of documents or of a generator of them: the part held back is taken care of here.
import { createHash } from 'node:crypto';
import { InputError } from '../errors.js';
import type { Random } from '../random.js';
import { documentIds, type TrainingDocument, type TrainingDocuments } from './batches.js';
import type { DataContext, OpenData } from './data-source.js';
import { documentHash, holdBack, leastHashes, withoutHashes } from './hold-back.js';

/** Documents held out of a stream. */
const HELD_OUT = 128;
/** The share of a stream's documents that is held out, by their hash. */
const SHARE = 0.1;
/** Documents of a stream that are looked at for each that is to be held out. */
const DRAWS = 20;

/** A finite text: one different document in ten is held out, by a hash of its content. Throws `InputError` as `holdBack`. */
export function openDocuments(documents: readonly TrainingDocument[]): OpenData {
  const { training, heldOut } = holdBack(documents);
  const digest = createHash('sha256');
  for (const document of documents) digest.update(`${JSON.stringify(document)}\n`);
  return {
    training: (random) => passes(training, random),
    heldOut: () => Promise.resolve(heldOut),
    tokens: () => training.reduce((total, own) => total + documentIds(own).length, 0),
    all: documents.map(documentIds),
    identity: { documents: digest.digest('hex') },
  };
}

/** Endless documents of a list: each pass is in another order. */
export function* passes<Document>(documents: readonly Document[], random: Random): Generator<Document, never> {
  for (let pass = 0; ; pass++) yield* random.fork(`pass ${pass}`).shuffle(documents);
}

/** How documents of a generator are held out. */
export interface StreamOptions {
  /** Whether documents take long to make: each one drawn is held out then, where they differ, and not one in ten. */
  readonly costly?: boolean;
}

/**
 * Documents of a generator, which begins anew when it ends: one in ten is held out, by a hash of its content, whichever `random`
 * gave it, so that a generator may repeat itself. Reading throws `InputError` when it gives no document, or only equal ones.
 */
export function openStream(
  documents: (random: Random) => TrainingDocuments,
  { random: run }: Pick<DataContext, 'random'>,
  { costly = false }: StreamOptions = {},
): OpenData {
  let found: Promise<ReadonlyMap<number, readonly number[]>> | undefined;
  const held = () => (found ??= drawHeldOut(documents(run.fork('validation')), costly));
  return {
    async *training(random) {
      const own = await held();
      const isHeldOut = (hash: number): boolean => own.has(hash) || (!costly && hash < SHARE);
      yield* withoutHashes(again(documents, random), isHeldOut);
    },
    heldOut: async () => [...(await held()).values()],
    identity: {},
    costly,
  };
}

/** A generator's documents without end. Throws `InputError` where a pass gives none. */
async function* again(
  documents: (random: Random) => TrainingDocuments,
  random: Random,
): AsyncGenerator<TrainingDocument> {
  for (let pass = 0; ; pass++) {
    let count = 0;
    for await (const document of documents(pass === 0 ? random : random.fork(`pass ${pass}`))) {
      count += 1;
      yield document;
    }
    if (count === 0) throw tooFew('it gave no document');
  }
}

/** Ids by hash. */
async function drawHeldOut(
  stream: TrainingDocuments,
  costly: boolean,
): Promise<ReadonlyMap<number, readonly number[]>> {
  const drawn = new Map<number, readonly number[]>();
  let [count, below] = [0, 0];
  for await (const document of stream) {
    count += 1;
    const [hash, ids] = [documentHash(document), documentIds(document)];
    if (ids.length >= 2 && !drawn.has(hash)) {
      drawn.set(hash, ids);
      if (hash < SHARE) below += 1;
    }
    if (costly ? count === HELD_OUT : below === HELD_OUT || count === DRAWS * HELD_OUT) break;
  }
  if (drawn.size < 2) throw tooFew(`the first ${count} documents of at least two tokens are all equal`);
  // A costly source that repeats itself soon has few documents: most of them are left to train on.
  if (costly && drawn.size === count) return drawn;
  const chosen = new Set(leastHashes([...drawn.keys()], SHARE, drawn.size - 1));
  return new Map([...drawn].filter(([hash]) => chosen.has(hash)));
}

function tooFew(found: string): InputError {
  return new InputError({
    asked: 'train on one part of a stream of documents and judge by another',
    found,
    fix: 'Give a source of different documents',
  });
}
