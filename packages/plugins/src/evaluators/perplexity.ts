// Perplexity: how well a model predicts given text.
import { InputError, type Evaluator } from '@espalier/core';
import { documentLosses, type TokenLossOptions } from './token-losses.js';

export interface PerplexityOptions extends TokenLossOptions {
  /** Token ids of each document, beginning with the token that begins a text where the model has one. */
  readonly documents: readonly (readonly number[])[];
}

/** A type, not an interface: only those are known to have no other members, as JSON demands. */
export type PerplexityResult = {
  /** Mean of −log p(token) over all predicted tokens, in nats. */
  readonly loss: number;
  /** e^loss. */
  readonly perplexity: number;
  /** Tokens predicted. */
  readonly tokens: number;
};

/** Mean cross-entropy over all tokens but the first of each document. Throws `InputError` when there is none. */
export function perplexity({ documents, ...options }: PerplexityOptions): Evaluator<PerplexityResult> {
  return {
    name: 'perplexity',
    summary: 'e to the mean cross-entropy per token of given text',
    async evaluate(runner, _context, tools) {
      const losses = await documentLosses(runner, documents, options, tools);
      const tokens = losses.reduce((total, own) => total + own.tokens, 0);
      if (tokens === 0) {
        throw new InputError({
          asked: 'measure perplexity',
          found: `the text has ${documents.length} documents, and none has two tokens`,
          fix: 'Give a longer text',
        });
      }
      const loss = losses.reduce((total, own) => total + own.sum, 0) / tokens;
      return { loss, perplexity: Math.exp(loss), tokens };
    },
  };
}
