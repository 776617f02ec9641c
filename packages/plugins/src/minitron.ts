// The plugin that bundles this package's strategies, so that recipes and flags can name them.
import { definePlugin, defineStrategy } from '@espalier/core';
import { z } from 'zod';
import { teacherSource } from './data/teacher.js';
import { textSource } from './data/text.js';
import { tinyTalesSource } from './data/tinytales.js';
import { cloze } from './evaluators/cloze.js';
import { perplexity } from './evaluators/perplexity.js';
import { throughput } from './evaluators/throughput.js';
import { llama } from './families/llama.js';
import { crossEntropyLoss } from './losses/cross-entropy.js';
import { forwardKlLoss } from './losses/forward-kl.js';
import { adamw } from './optimizers/adamw.js';
import { depthPruner } from './pruners/depth.js';
import { jointPruner } from './pruners/joint.js';
import { widthPruner } from './pruners/width.js';
import { cosine } from './schedules/cosine.js';
import { activationScorer } from './scorers/activation.js';
import { blockInfluenceScorer } from './scorers/block-influence.js';
import { depthSearch } from './search/depth.js';
import { proportionalWidthSearch } from './search/proportional-width.js';

const none = z.strictObject({});
const count = z.int().positive();
const share = z.number().positive().max(1);
const ids = z.array(z.int().nonnegative());

const { name: adamwName, summary: adamwSummary } = adamw();

export const minitronPlugin = definePlugin({
  name: '@espalier/plugins',
  provides: [
    defineStrategy('family', { ...described(llama), options: none, create: () => llama }),

    defineStrategy('data', { ...described(tinyTalesSource), options: none, create: () => tinyTalesSource }),
    defineStrategy('data', {
      name: 'text',
      summary: 'documents of a UTF-8 text file',
      options: z.strictObject({ path: z.string(), split: z.enum(['lines', 'whole']).default('lines') }),
      create: textSource,
    }),
    defineStrategy('data', {
      name: 'teacher',
      summary: 'text sampled from the teacher itself; needs no dataset',
      options: z.strictObject({
        length: count,
        batch: count.default(64),
        temperature: z.number().nonnegative().default(1),
        topP: share.default(1),
      }),
      create: teacherSource,
    }),

    defineStrategy('scorer', { ...described(activationScorer), options: none, create: () => activationScorer }),
    defineStrategy('scorer', { ...described(blockInfluenceScorer), options: none, create: () => blockInfluenceScorer }),

    defineStrategy('search', {
      ...described(proportionalWidthSearch),
      options: none,
      create: () => proportionalWidthSearch,
    }),
    defineStrategy('search', { ...described(depthSearch), options: none, create: () => depthSearch }),

    defineStrategy('pruner', {
      ...described(widthPruner()),
      options: z.strictObject({ order: z.enum(['original', 'importance']).default('original') }),
      create: widthPruner,
    }),
    defineStrategy('pruner', {
      ...described(depthPruner()),
      options: z.strictObject({ contiguous: z.boolean().default(false) }),
      create: depthPruner,
    }),
    defineStrategy('pruner', {
      ...described(jointPruner()),
      options: z.strictObject({
        order: z.enum(['original', 'importance']).default('original'),
        contiguous: z.boolean().default(false),
      }),
      create: jointPruner,
    }),

    defineStrategy('loss', { ...described(crossEntropyLoss), options: none, create: () => crossEntropyLoss }),
    defineStrategy('loss', {
      ...described(forwardKlLoss()),
      options: z.strictObject({ temperature: z.number().positive().default(1) }),
      create: forwardKlLoss,
    }),

    defineStrategy('optimizer', {
      name: adamwName,
      summary: adamwSummary,
      options: z.strictObject({
        beta1: z.number().min(0).lt(1).default(0.9),
        beta2: z.number().min(0).lt(1).default(0.95),
        epsilon: z.number().positive().default(1e-8),
        weightDecay: z.number().nonnegative().default(0.1),
      }),
      create: adamw,
    }),
    defineStrategy('schedule', {
      name: 'cosine',
      summary: 'linear warm-up, then half a cosine from the peak to the minimum',
      options: z.strictObject({
        peak: z.number().positive(),
        minimum: z.number().nonnegative().optional(),
        warmup: z.int().nonnegative().default(0),
      }),
      create: ({ minimum, ...rest }) => cosine(minimum === undefined ? rest : { ...rest, minimum }),
    }),

    defineStrategy('evaluator', {
      name: 'perplexity',
      summary: 'loss and perplexity per token of given documents',
      options: z.strictObject({ documents: z.array(ids), maxTokens: count }),
      create: perplexity,
    }),
    defineStrategy('evaluator', {
      name: 'cloze',
      summary: 'share of right choices of the next token',
      options: z.strictObject({
        items: z.array(z.strictObject({ prompt: ids, choices: ids, answer: z.int().nonnegative() })),
      }),
      create: cloze,
    }),
    defineStrategy('evaluator', {
      ...described(throughput()),
      options: z.strictObject({ batch: count.default(8), length: count.default(128), runs: count.default(5) }),
      create: throughput,
    }),
  ],
});

/** Name and summary of a strategy, as its definition states them. */
function described({ name, summary }: { readonly name: string; readonly summary: string }) {
  return { name, summary };
}
