// Several texts as one, each with its share of the tokens; what one of them holds back is trained on from none.
import type { Random } from '../random.js';
import { documentIds, type TokenDocuments, type TrainingDocument } from './batches.js';
import type { OpenData } from './data-source.js';
import { documentHash, withoutHashes } from './hold-back.js';

/** A text that is open, and how much of it there is to be beside others. */
export interface WeightedData {
  /** The text. */
  readonly data: OpenData;
  /** Above 0; of texts of weights 3 and 1, three of four tokens are of the first. */
  readonly weight: number;
}

/**
 * Texts as one: the next document is of the text that has given least for its weight, so that at any time the tokens of each are within
 * one document of its share. A document that one of them holds back is trained on from none, with the token `eos` at its end or without. Throws what
 * the texts throw.
 */
export function mixData(texts: readonly WeightedData[], eos?: number): OpenData {
  const contentHash = (document: TrainingDocument): number => {
    const ids = documentIds(document);
    return documentHash(ids.at(-1) === eos ? ids.slice(0, -1) : ids);
  };
  let held: Promise<ReadonlyMap<number, readonly number[]>> | undefined;
  const heldBack = () => (held ??= heldOutOf(texts, contentHash));
  async function* training(random: Random): AsyncGenerator<TrainingDocument> {
    const out = await heldBack();
    const streams = texts.map(({ data, weight }, index) => {
      const own = data.training(random.fork(`text ${index}`));
      return { weight, documents: withoutHashes(own, (hash) => out.has(hash), contentHash) };
    });
    yield* byWeight(streams);
  }
  const whole = texts.flatMap(({ data: { all } }) => (all === undefined ? [] : [all]));
  const notices = texts.flatMap(({ data: { notice } }) => (notice === undefined ? [] : [notice]));
  return {
    training,
    heldOut: async () => [...(await heldBack()).values()],
    ...(whole.length === texts.length ? { all: oneAfterAnother(whole) } : {}),
    ...(texts.some(({ data }) => data.tokens !== undefined) ? { tokens: () => firstPass(texts) } : {}),
    questions: texts.flatMap(({ data }) => data.questions ?? []),
    ...(notices.length === 0 ? {} : { notice: notices.join('; ') }),
    identity: texts.map(({ data: { identity }, weight }) => ({ weight, identity })),
    files: texts.flatMap(({ data }) => data.files ?? []),
    costly: texts.some(({ data }) => data.costly === true),
    async close() {
      for (const { data } of texts) await data.close?.();
    },
  };
}

/** What each text holds back, by the hash of its content. */
async function heldOutOf(
  texts: readonly WeightedData[],
  hashOf: (document: TrainingDocument) => number,
): Promise<ReadonlyMap<number, readonly number[]>> {
  const held = new Map<number, readonly number[]>();
  for (const { data } of texts)
    for (const ids of await data.heldOut()) if (!held.has(hashOf(ids))) held.set(hashOf(ids), ids);
  return held;
}

interface WeightedStream {
  readonly weight: number;
  readonly documents: AsyncGenerator<TrainingDocument>;
}

/** Documents of streams, each time of the one whose tokens are fewest for its weight; to the end of the first that has one. */
async function* byWeight(streams: readonly WeightedStream[]): AsyncGenerator<TrainingDocument> {
  const given = streams.map((stream) => ({ ...stream, tokens: 0 }));
  try {
    for (;;) {
      const behind = given.reduce((least, own) =>
        own.tokens / own.weight < least.tokens / least.weight ? own : least,
      );
      const next = await behind.documents.next();
      if (next.done === true) return;
      behind.tokens += documentIds(next.value).length;
      yield next.value;
    }
  } finally {
    for (const { documents } of streams) await documents.return(undefined);
  }
}

/** Tokens until the first of the texts has been read to its end. */
function firstPass(texts: readonly WeightedData[]): number {
  const all = texts.reduce((sum, { weight }) => sum + weight, 0);
  const passes = texts.flatMap(({ data, weight }) =>
    data.tokens === undefined ? [] : [(data.tokens() * all) / weight],
  );
  return Math.round(Math.min(...passes));
}

function oneAfterAnother(texts: readonly TokenDocuments[]): TokenDocuments {
  return {
    async *[Symbol.asyncIterator]() {
      for (const text of texts) yield* text;
    },
  };
}
