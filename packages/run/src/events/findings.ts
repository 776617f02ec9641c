// The named findings of a run and the form of their data. Others may be there too, with or without a name; a reader takes what it
// knows and leaves the rest. Objects may hold more members than are listed.
import { z } from 'zod';

const index = z.number().int().min(0);
const share = z.number().min(0).max(1);
const numbers = z.array(z.number());
const sizes = z.record(z.string(), index);
const parameterCounts = { parameters: index, nonEmbeddingParameters: index };

const axisProfile = z.looseObject({
  order: z.enum(['index', 'rank']),
  count: index,
  values: z.union([numbers, z.array(numbers)]),
});

/** A count that something is drawn for each of. */
const drawn = index.max(100_000);

const planMap = z
  .looseObject({
    layersBefore: drawn,
    layers: z.array(index),
    sizesBefore: sizes,
    sizesAfter: sizes,
    hidden: numbers,
    ffn: z.array(numbers),
    heads: z.array(numbers),
  })
  .refine(
    ({ layers, ffn, heads }) => ffn.length === layers.length && heads.length === layers.length,
    'must say of every kept layer what is left of it',
  );

const candidate = z.looseObject({
  name: z.string(),
  parameters: index,
  /** Held-out loss after the search's own short training, in nats per token. */
  loss: z.number().optional(),
  /** Tokens per second, estimated or measured. */
  tokensPerSecond: z.number().optional(),
  /** On the front: no other candidate is better in every respect. */
  pareto: z.boolean().optional(),
  chosen: z.boolean().optional(),
});

/** A shape and what it has of the budget's unit: parameters, bytes or milliseconds. */
const sized = z.looseObject({
  layers: index,
  hidden: index,
  ffn: index,
  heads: index,
  kvHeads: index,
  cost: z.number(),
});
/** Median time of a forward pass, and (slowest − fastest) / median. */
const timing = z.looseObject({ milliseconds: z.number(), spread: z.number() });

const interval = z.tuple([z.number(), z.number()]);
/** A number of an evaluator's result, with what is needed to show it. */
export const measuredSchema = z.object({
  evaluator: z.string(),
  name: z.string(),
  label: z.string(),
  value: z.number(),
  better: z.enum(['lower', 'higher']).exactOptional(),
  form: z.enum(['share', 'count']).exactOptional(),
  digits: index.exactOptional(),
  interval: interval.nullable().exactOptional(),
  chance: z.number().exactOptional(),
  n: index.exactOptional(),
  timed: z.literal(true).exactOptional(),
  range: interval.exactOptional(),
});

/** What each named finding holds. */
export const findings = {
  run: z.looseObject({
    seed: z.number().int(),
    versions: z.record(z.string(), z.string()),
    title: z.string().optional(),
    command: z.string().optional(),
    recipe: z.json().optional(),
    /** Content hashes by what they are of. */
    hashes: z.record(z.string(), z.string()).optional(),
    machine: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
    /** ISO 8601. */
    started: z.string().optional(),
    /** The row that the run is for. */
    answer: z.string().optional(),
  }),
  answer: z.looseObject({ row: z.string(), hash: z.string(), taught: z.boolean(), folder: z.string().optional() }),
  'cut-from': z.looseObject({ parameters: index }),
  scores: z.looseObject({
    axes: z.array(z.string()),
    samples: index,
    tokens: index,
    profile: z.record(z.string(), axisProfile),
  }),
  'layer-order': z.looseObject({ layers: numbers }),
  stability: z.looseObject({
    folds: index,
    /** By axis: mean share of what is kept that stays kept when a fold of the sample is left out. */
    kept: z.record(z.string(), share),
    verdict: z.string().optional(),
  }),
  ranking: z.looseObject({ sorted: z.number(), random: z.number(), reversed: z.number() }),
  depth: z.looseObject({
    metric: z.string(),
    whole: z.number(),
    blocks: z.array(z.looseObject({ start: index, length: index, score: z.number() })),
  }),
  round: z.looseObject({ round: index, layers: index, sizes }),
  shape: z.looseObject({ before: z.looseObject(parameterCounts), after: z.looseObject(parameterCounts) }),
  'below-target': z.looseObject({ target: z.number(), reached: z.number() }),
  space: z.looseObject({
    shapes: index,
    feasible: index,
    smallest: sized,
    largest: sized,
    nearest: z.array(sized),
    candidates: z.array(sized),
    /** Training tokens of all trials together; 0 where nothing is trained. */
    tokens: index,
  }),
  speed: z.looseObject({ before: timing, after: timing, speedUp: z.number(), margin: z.number() }),
  candidates: z.looseObject({ candidates: z.array(candidate) }),
  plan: z.looseObject({ layers: z.array(index), dropped: z.array(index), map: planMap }),
  'masked-check': z.looseObject({ maskedDifference: z.number() }),
  passes: z.looseObject({ tokens: index, size: index, passes: z.number() }),
  training: z.looseObject({ objective: z.string(), steps: index, tokens: index }),
  /** A training that a stop rule ended: steps done, of how many, and the step whose weights are the student, where it is not the last. */
  stopped: z.looseObject({
    rule: z.string(),
    steps: index,
    of: index,
    tokens: index,
    best: z.looseObject({ steps: index, loss: z.number() }).exactOptional(),
  }),
  model: z.looseObject({ family: z.string(), layers: index, sizes, ...parameterCounts }),
  measures: z.looseObject({ measures: z.array(measuredSchema) }),
  'worse-than-chance': z.looseObject({
    evaluator: z.string(),
    name: z.string(),
    value: z.number(),
    chance: z.number(),
  }),
  'evaluation/perplexity': z.looseObject({
    loss: z.number(),
    perplexity: z.number(),
    tokens: index,
    confidence: z.tuple([z.number(), z.number()]).nullish(),
  }),
  'evaluation/cloze': z.looseObject({ accuracy: share, chance: share, n: index, confidence: z.tuple([share, share]) }),
  'evaluation/throughput': z.looseObject({ tokensPerSecond: z.number() }),
  samples: z.looseObject({
    samples: z.array(
      z.looseObject({
        prompt: z.string(),
        texts: z.array(z.looseObject({ model: z.string(), text: z.string() })),
      }),
    ),
  }),
  exported: z.looseObject({ folder: z.string() }),
} as const;

export type FindingName = keyof typeof findings;
export type FindingData<Name extends FindingName> = z.infer<(typeof findings)[Name]>;
