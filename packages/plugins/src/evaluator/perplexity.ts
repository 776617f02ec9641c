// Perplexity: how well a model predicts given text.
import { InputError, strategy } from '@espalier/core';
import { z } from 'zod';
import { batchOption } from './batches.js';
import { documentLosses, type DocumentLoss } from './token-losses.js';

/** A type, not an interface: only those are known to have no other members, as JSON demands. */
export type PerplexityResult = {
  /** Mean of −log p(token) over all predicted tokens, in nats. */
  readonly loss: number;
  /** e^loss. */
  readonly perplexity: number;
  /** Tokens predicted. */
  readonly tokens: number;
  /** 95% confidence interval of the loss, in nats, over documents; null of a single document. */
  readonly confidence: readonly [number, number] | null;
};

/**
 * e^loss, loss = mean of −log p(token | tokens before it) over all tokens but the first of each document; the loss, log perplexity,
 * is its objective (Muralidharan et al. 2024, section 2.2, "PPL"). `evaluate` throws `InputError` when there is no such token, and
 * as `documentLosses` does.
 */
export const perplexity = strategy('evaluator', {
  name: 'perplexity',
  summary: 'e to the mean cross-entropy per token of held-out text',
  options: z.strictObject({ batch: batchOption }),
  create: (options) => ({
    measures: {
      loss: { better: 'lower', interval: 'confidence' },
      perplexity: { better: 'lower', digits: 2 },
    },
    async evaluate(runner, { documents, contextLength }, tools): Promise<PerplexityResult> {
      const losses = await documentLosses(runner, documents, { maxTokens: contextLength, ...options }, tools);
      const tokens = losses.reduce((total, own) => total + own.tokens, 0);
      if (tokens === 0) {
        throw new InputError({
          asked: 'measure perplexity',
          found: `the text has ${documents.length} documents, and none has two tokens`,
          fix: 'Give a longer text',
        });
      }
      const loss = losses.reduce((total, own) => total + own.sum, 0) / tokens;
      return { loss, perplexity: Math.exp(loss), tokens, confidence: interval(losses, loss, tokens) };
    },
    objective: ({ loss }: PerplexityResult) => loss,
  }),
});

/**
 * Loss ± 1.96 standard errors. Documents, not tokens, are what was sampled: the loss is a ratio of two sums over documents, and its
 * variance the ratio estimator's, n / (n − 1) · Σ (sumᵢ − loss · tokensᵢ)² / tokens² (Cochran, Sampling Techniques, chapter 6).
 */
function interval(losses: readonly DocumentLoss[], loss: number, tokens: number): readonly [number, number] | null {
  const documents = losses.filter((own) => own.tokens > 0);
  if (documents.length < 2) return null;
  const squares = documents.reduce((total, own) => total + (own.sum - loss * own.tokens) ** 2, 0);
  const error = Math.sqrt((squares * documents.length) / (documents.length - 1)) / tokens;
  return [loss - 1.96 * error, loss + 1.96 * error];
}
