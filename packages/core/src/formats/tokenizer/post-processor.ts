// What tokenizer.json puts before and behind a text.
import { z } from 'zod';
import { ownValue } from '../../own-value.js';

/** Ids before and behind the ids of a text. */
export interface Surroundings {
  readonly prefix: readonly number[];
  readonly suffix: readonly number[];
}

const none: Surroundings = { prefix: [], suffix: [] };
const id = z.int().min(0);
const pair = z.tuple([z.string(), id]);

const kinds: Readonly<Record<string, (config: unknown) => Surroundings>> = {
  ByteLevel: () => none, // it only moves offsets
  BertProcessing: classified,
  RobertaProcessing: classified,
  TemplateProcessing: template,
  Sequence: (config) =>
    z
      .object({ processors: z.array(z.unknown()) })
      .parse(config)
      .processors.map(readSurroundings)
      .reduce((inner, outer) => ({
        prefix: [...outer.prefix, ...inner.prefix],
        suffix: [...inner.suffix, ...outer.suffix],
      }), none), // prettier-ignore
};

/** What the post-processor of a file adds to a single text. Throws `SyntaxError` for one that is not known. */
export function readSurroundings(config: unknown): Surroundings {
  if (config === null || config === undefined) return none;
  const { type } = z.object({ type: z.string() }).parse(config);
  if (!Object.hasOwn(kinds, type)) throw new SyntaxError(`unknown post-processor ${type}`);
  return kinds[type]?.(config) ?? none;
}

function classified(config: unknown): Surroundings {
  const { cls, sep } = z.object({ cls: pair, sep: pair }).parse(config);
  return { prefix: [cls[1]], suffix: [sep[1]] };
}

const templateSchema = z.object({
  single: z.array(
    z.union([
      z.object({ SpecialToken: z.object({ id: z.string() }) }),
      z.object({ Sequence: z.object({ id: z.literal('A') }) }),
    ]),
  ),
  special_tokens: z.record(z.string(), z.object({ ids: z.array(id) })),
});

function template(config: unknown): Surroundings {
  const { single, special_tokens: tokens } = templateSchema.parse(config);
  const place = single.findIndex((piece) => 'Sequence' in piece);
  if (place === -1 || single.some((piece, index) => 'Sequence' in piece && index !== place))
    throw new SyntaxError('the template of the post-processor does not hold the text once');
  const idsOf = (pieces: typeof single): readonly number[] =>
    pieces.flatMap((piece) => {
      if ('Sequence' in piece) return [];
      const { id: name } = piece.SpecialToken;
      const token = ownValue(tokens, name);
      if (token === undefined) throw new SyntaxError(`the post-processor has no ids for a token that it adds`);
      return token.ids;
    });
  return { prefix: idsOf(single.slice(0, place)), suffix: idsOf(single.slice(place + 1)) };
}
