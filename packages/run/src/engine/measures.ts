// Reads what the evaluators found into the columns of the table.
import { InternalError, type Json } from '@espalier/core';
import { z } from 'zod';
import type { SummaryRow } from './summary.js';

const share = z.number().min(0).max(1);

const schema = z.object({
  perplexity: z.object({
    loss: z.number(),
    perplexity: z.number(),
    confidence: z.tuple([z.number(), z.number()]).nullish(),
  }),
  cloze: z
    .object({ accuracy: share, chance: share, n: z.number().int(), confidence: z.tuple([share, share]) })
    .optional(),
  throughput: z.object({ tokensPerSecond: z.number() }),
});

/** Loss, perplexity, cloze and speed out of the results by evaluator name. */
export function readMeasures(
  evaluation: Readonly<Record<string, Json>>,
): Pick<SummaryRow, 'loss' | 'perplexity' | 'tokensPerSecond'> & Partial<Pick<SummaryRow, 'cloze' | 'lossConfidence'>> {
  const parsed = schema.safeParse(evaluation);
  if (!parsed.success) throw new InternalError('an evaluator gave unexpected results', { cause: parsed.error });
  const { perplexity, cloze, throughput } = parsed.data;
  const { loss, confidence } = perplexity;
  return {
    loss,
    ...(confidence && { lossConfidence: confidence }),
    perplexity: perplexity.perplexity,
    ...(cloze && { cloze }),
    ...throughput,
  };
}
