// Evaluators by name, with their options.
import { evaluator } from '@espalier/core';
import { z } from 'zod';
import { cloze } from '../evaluators/cloze.js';
import { perplexity } from '../evaluators/perplexity.js';
import { throughput } from '../evaluators/throughput.js';
import { count, ids } from './options.js';

/** The evaluators of this package. */
export const evaluators = [
  evaluator({
    name: 'perplexity',
    summary: 'loss and perplexity per token of given documents',
    options: z.strictObject({ documents: z.array(ids), maxTokens: count }),
    create: perplexity,
  }),
  evaluator({
    name: 'cloze',
    summary: 'share of right choices of the next token',
    options: z.strictObject({
      items: z.array(z.strictObject({ prompt: ids, choices: ids, answer: z.int().nonnegative() })),
    }),
    create: cloze,
  }),
  evaluator({
    name: throughput().name,
    summary: throughput().summary,
    options: z.strictObject({ batch: count.default(8), length: count.default(128), runs: count.default(5) }),
    create: throughput,
  }),
];
