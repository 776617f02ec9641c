// What one step of a compression is, as plain data: a model becomes a smaller one. A recipe holds a list of these (15B → 8B →
// 4B); strategies are given by name and options, so that a plugin's are as good as ours. Where the text comes from, and where
// results go, is the recipe's to say.
import { byteCount } from '@espalier/core';
import { z } from 'zod';
import { like } from './like.js';
import { namedLoss, namedScorer, namedStrategy, namedTransform } from './named-strategy.js';

const count = z.int().positive();
/** Training tokens for each parameter of a student, between Minitron's 11 (8B) and 22 (4B) of 94B tokens (Muralidharan et al. 2024, section 4). */
export const usualTokensPerParameter = 16;
/** Layers scored by leaving them out. */
const depth = z.strictObject({
  /** What says how much is lost: any evaluator with an objective, on calibration text or, for `cloze`, on questions. */
  evaluator: namedStrategy.default({ name: 'perplexity' }),
  /** Leaves out runs of as many neighbouring layers as go, and cuts the least missed whole (Sreenivas et al. 2024, section 4); single layers when false. */
  blocks: z.boolean().default(false),
  /** Documents of the calibration text that are measured on. */
  documents: count.default(32),
});

const importance = z.strictObject({
  /** Names of scorers, no two of which score the same axis: activations for width and block influence for layers when not given. */
  scorers: z
    .array(namedScorer)
    .min(1)
    .default([{ name: 'activation' }, { name: 'block-influence' }]),
  /** Sequences that are read; Minitron read 1,024 (Muralidharan et al. 2024, section 2.2). */
  samples: count.default(1024),
  /** Sequences in a batch. */
  batch: count.default(4),
  /** Tokens of a sequence. */
  length: count.default(256),
  /** Times that importance is estimated anew on the way to the target; one was enough in the paper (Muralidharan et al. 2024, table 12). */
  rounds: count.default(1),
  /** What layers are worth is measured after the search by leaving them out, and replaces the scorers' word; the scorers' word holds when not given. */
  depth: depth.optional().meta(like({ evaluator: 'perplexity', blocks: true, documents: 64 })),
  /** Whether the loss of the model cut by its ranking is compared with a random and a reversed one before it is cut. */
  checkRanking: z.boolean().default(false),
});

const correction = z.strictObject({
  /** `before`: the corrected teacher is then cut as well, where it is the step's source; `meanwhile`: in the same steps as the student learns. */
  when: z.literal(['before', 'meanwhile']).default('before'),
  /** Losses that need no teacher: cross-entropy when not given. */
  losses: z
    .array(namedLoss)
    .min(1)
    .default([{ name: 'cross-entropy', weight: 1 }]),
  /** Training tokens before the step; `tokensPerParameter` times the teacher's parameters when not given. */
  tokens: count.optional().meta(like(10_000_000)),
  /** Correction tokens per parameter of the teacher; about 100B tokens corrected one of 12B (Sreenivas et al. 2024, section 2). */
  tokensPerParameter: z.number().positive().default(8),
  /** Learning rate by step; `cosine` from a fifth of `peakRate` with 120 steps of warm-up when not given. */
  schedule: namedStrategy.optional().meta(like({ name: 'cosine', peak: 0.00005, warmup: 120 })),
});

/** How a student is trained. */
export const distillation = z.strictObject({
  /** Loss terms with their weights: the forward Kullback-Leibler divergence when not given (Muralidharan et al. 2024, section 3, table 15). */
  losses: z
    .array(namedLoss)
    .min(1)
    .default([{ name: 'forward-kl', weight: 1 }]),
  /** How the losses become one number; their weighted sum when not given. */
  balancer: namedStrategy.optional().meta(like('static')),
  /** Which layers are compared by losses on states; by their share of the depth when not given. */
  mapping: namedStrategy.optional().meta(like('from-last')),
  /** How the teacher first learns the text that it will teach from; it teaches as it is when not given. */
  correction: correction.optional().meta(like({ when: 'before', tokens: 10_000_000 })),
  /** Whose distributions are learnt: the first model of all, or the one this step cuts. Minitron's 4B learnt better from the 15B. */
  teacher: z.literal(['original', 'previous']).default('original'),
  /** Training tokens; `tokensPerParameter` times the student's parameters when not given. */
  tokens: count.optional().meta(like(100_000_000)),
  /** Training tokens per parameter of the student. Minitron's 94B tokens are 22 for each parameter of its 4B, and 11 for its 8B. */
  tokensPerParameter: z.number().positive().default(usualTokensPerParameter),
  /** Sequences in a batch. */
  batch: count.default(4),
  /** Tokens of a sequence. */
  length: count.default(256),
  /** Whether tokens see the documents before their own in a packed sequence; documents of their own (block-diagonal attention) when false, for which the whole square of attention is computed. */
  crossDocumentAttention: z.boolean().default(true),
  /** Batches that make a step. */
  accumulate: count.default(1),
  /** Gradients are scaled down to this global L2 norm; 0 turns clipping off. */
  clipNorm: z.number().nonnegative().default(1),
  /** What products are computed in; weights, moments and losses are float32 in either case. `float16` is for GPUs that have it. */
  precision: z.literal(['float32', 'float16']).default('float32'),
  /** What the process may take while it trains: layers are computed twice and logits made of some rows at a time where that is needed to keep to it, and what cannot is refused. Not looked at when not given. */
  memory: z
    .string()
    .refine((text) => byteCount(text) !== undefined, 'Give a number and a unit: 4GiB, 512MiB, 8GB')
    .optional()
    .meta(like('12GiB')),
  /** Steps between measurements of the losses on text that is not trained on, told as metrics `validation/…`; never when not given. */
  validateEvery: count.optional().meta(like(100)),
  /** When the training ends before its tokens are used up, with the weights of the least validation loss where it is measured; not before when not given. */
  stop: namedStrategy.optional().meta(like('plateau')),
  /** The optimiser, AdamW when not given; a correction of the teacher uses it as well. */
  optimizer: namedStrategy.default({ name: 'adamw' }),
  /** Learning rate by step; `cosine` from `peakRate` with 20 steps of warm-up when not given. */
  schedule: namedStrategy.optional().meta(like({ name: 'cosine', peak: 0.0002, warmup: 100 })),
});

/** One step of a compression as a recipe writes it; what is left out has a default. `compressionSteps` is the list of them. */
export const compressionStep = z.strictObject({
  /** Stands before the names of its stages; `step-1`, `step-2`, … when not given. */
  name: z
    .string()
    .regex(/^[\w.-]+$/, 'letters, digits, ".", "-" and "_" only')
    .optional()
    .meta(like('half')),
  /** How small: `50%`, `4B`, `7.8B..8.5B`, a shape (`hidden=3072,ffn=9216`), `memory=4GiB,length=4096`, `latency=20ms`; a share is of the model that this step begins with. */
  target: z.string().min(1).meta(like('50%')),
  /** How importance is estimated. */
  importance: importance.prefault({}).meta(like({ samples: 512, length: 512, scorers: ['wanda', 'block-influence'] })),
  /** How the student's shape is found; by the search that goes with the pruner when not given: `depth` for `depth` and `sublayer`, else `proportional-width`. */
  search: namedStrategy.optional().meta(like('proportional-width')),
  /** How scores and shape become a plan of what stays; `joint`, for width and depth, when not given. */
  pruner: namedStrategy.default({ name: 'joint' }),
  /** Whether the cut model is compared with the masked one on 16 tokens, for which both are loaded whole, one after the other. */
  checkCut: z.boolean().default(true),
  /** What else is done to the student, at marked places: `{ at: after-prune, name: … }`. */
  transforms: z.array(namedTransform).default([]),
  /** How the student is trained. */
  distillation: distillation.prefault({}).meta(
    like({
      losses: ['forward-kl', { name: 'block-output', weight: 0.5 }],
      tokens: 100_000_000,
      batch: 8,
      length: 512,
    }),
  ),
});

/** A step with every default filled in. */
export type CompressionStep = z.infer<typeof compressionStep>;
/** A step as a person writes it. */
export type CompressionStepInput = z.input<typeof compressionStep>;

/** The steps of a recipe. */
export const compressionSteps = z.array(compressionStep).min(1);
