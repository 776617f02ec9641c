// Perplexity: how well a model predicts given text.
import { InputError, strategy, type Model } from '@espalier/core';
import { z } from 'zod';
import { count } from '../options.js';
import { batchOption } from './batches.js';
import { studentT } from './student-t.js';
import { checkWindow, windowLossBytes, windowLosses, type DocumentLoss, type TokenLoss } from './token-losses.js';
import { cutNotice, fewNotice } from './notices.js';
import { checkSliding, checkStride, unitsOf, windowsOf, windowsOption } from './windows.js';

/** A type, not an interface: only those are known to have no other members, as JSON demands. */
export type PerplexityResult = {
  /** Mean of −log p(token) over all predicted tokens, in nats. */
  readonly loss: number;
  /** e^loss. */
  readonly perplexity: number;
  /** Tokens predicted. */
  readonly tokens: number;
  /** What was sampled: documents with a predicted token, or windows where the documents are joined or there is only one. */
  readonly n: number;
  /** 95% confidence interval of the loss, in nats, over these; null where there is only one. */
  readonly confidence: readonly [number, number] | null;
  /** e to the same. */
  readonly perplexityConfidence: readonly [number, number] | null;
  /** Loss of a guess: log of the vocabulary's size, in nats. */
  readonly chance: number;
};

/**
 * e^loss, loss = mean of −log p(token | tokens before it) over all predicted tokens; the loss, log perplexity, is its objective
 * (Muralidharan et al. 2024, section 2.2, "PPL"). Windows of `contextLength` tokens each: `documents` predicts what is in the first
 * window of each document; `rolling` all tokens but the first of each, `stride` of them in each window after the first, as the
 * transformers documentation does ("Perplexity of fixed-length models"), and with the default stride as lm-evaluation-harness does
 * where a document fills its windows; `concatenated` all but the first of each window of the joined documents, what is left over
 * at the end being left out (Sun et al. 2024, Wanda; their WikiText-2 is one document, its paragraphs joined).
 * `evaluate` throws `InputError` when there is no token to predict, and as `windowsOf` and `windowLosses` do.
 */
export const perplexity = strategy('evaluator', {
  name: 'perplexity',
  summary: 'e to the mean cross-entropy per token of held-out text',
  options: z.strictObject({
    windows: windowsOption,
    stride: count
      .exactOptional()
      .describe('of windows "rolling": tokens that are new in each; all but one when not given, as in lm-eval'),
    batch: batchOption,
  }),
  create: ({ batch, ...laid }) => {
    checkStride(laid);
    return {
      measures: {
        loss: { better: 'lower', interval: 'confidence', chance: 'chance' },
        perplexity: { better: 'lower', digits: 2, interval: 'perplexityConfidence' },
      },
      check({ contextLength: length, modelContext }) {
        checkWindow(length, modelContext, `measure the loss of documents or windows of at most ${length} tokens`);
        if (laid.stride !== undefined) checkSliding({ length, stride: laid.stride });
      },
      memory: (model, { documents, contextLength: length }) =>
        windowLossBytes(model, documents, { length, ...(batch === undefined ? {} : { batch }) }),
      reads(_model, { documents, contextLength: length }) {
        const windows = windowsOf(documents, { ...laid, length });
        // Shorter ones are filled up to the longest.
        const longest = windows.reduce((most, { ids }) => Math.max(most, ids.length), 2) - 1;
        return { tokens: windows.length * longest, length: longest };
      },
      notices: ({ documents, contextLength: length }) => [
        ...(laid.windows === 'documents' ? cutNotice(documents, length) : []),
        ...fewNotice(
          windowsOf(documents, { ...laid, length }),
          laid.windows === 'concatenated' ? 'window' : 'document',
        ),
      ],
      async evaluate(runner, { documents, contextLength }, tools): Promise<PerplexityResult> {
        const windows = windowsOf(documents, { ...laid, length: contextLength });
        const size = { length: contextLength, ...(batch === undefined ? {} : { batch }) };
        const losses = await windowLosses(runner, windows, size, tools);
        const tokens = losses.reduce((total, own) => total + own.tokens, 0);
        if (tokens === 0) {
          throw new InputError({
            asked: 'measure perplexity',
            found: `the text has ${documents.length} documents, and none has two tokens`,
            fix: 'Give a longer text',
          });
        }
        const loss = losses.reduce((total, own) => total + own.sum, 0) / tokens;
        const units = sampled(losses);
        const confidence = interval(units, loss, tokens);
        return {
          loss,
          perplexity: Math.exp(loss),
          tokens,
          n: units.length,
          confidence,
          perplexityConfidence: confidence && [Math.exp(confidence[0]), Math.exp(confidence[1])],
          chance: Math.log(tokenCount(runner.model)),
        };
      },
      objective: ({ loss }: PerplexityResult) => loss,
    };
  },
});

/** Ids that a text can have: a vocabulary that is padded to a round number has some that stand for nothing. */
function tokenCount({ tokenizer, architecture: { sizes } }: Pick<Model, 'tokenizer' | 'architecture'>): number {
  let count = 0;
  for (let id = 0; id < sizes.vocab; id++) if (tokenizer.hasToken(id)) count += 1;
  return count;
}

/** Losses of what was sampled. */
function sampled(windows: readonly TokenLoss[]): readonly DocumentLoss[] {
  return unitsOf(windows.filter((own) => own.tokens > 0)).map((own) => ({
    sum: own.reduce((total, { sum }) => total + sum, 0),
    tokens: own.reduce((total, { tokens }) => total + tokens, 0),
  }));
}

/**
 * Loss ± t standard errors. Documents, not tokens, are what was sampled: the loss is a ratio of two sums over documents, and its
 * variance the ratio estimator's, n / (n − 1) · Σ (sumᵢ − loss · tokensᵢ)² / tokens² (Cochran, Sampling Techniques, chapter 6).
 */
function interval(units: readonly DocumentLoss[], loss: number, tokens: number): readonly [number, number] | null {
  if (units.length < 2) return null;
  const squares = units.reduce((total, own) => total + (own.sum - loss * own.tokens) ** 2, 0);
  const error = Math.sqrt((squares * units.length) / (units.length - 1)) / tokens;
  const half = studentT(units.length - 1) * error;
  return [loss - half, loss + half];
}
