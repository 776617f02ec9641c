// Cross-entropy of every document under a model: what perplexity is made of.
import {
  hostFloats,
  hostIntegers,
  InputError,
  input,
  logSoftmax,
  multiply,
  negate,
  padRows,
  program,
  reshape,
  runnerWeights,
  sum,
  takeAlongAxis,
  type BatchSize,
  type ModelRunner,
  type ModelShape,
  type Program,
  type StageTools,
} from '@espalier/core';
import { batchFor, checkIds } from './batches.js';

/** How much text is looked at, and how much at a time. */
export interface TokenLossOptions {
  /** Tokens of a document that are looked at, its first one included; the model's context when not given. */
  readonly maxTokens?: number;
  /** Documents in a batch; by default as many as give logits of at most 128 MiB, 16 at most. */
  readonly batch?: number;
}

/** Loss of one document. */
export interface DocumentLoss {
  /** Sum of −log p(token | tokens before it) in nats. */
  readonly sum: number;
  /** Tokens predicted: all that are looked at but the first. */
  readonly tokens: number;
}

/**
 * Losses of token ids, in the order of the documents; the first token of a document predicts and is not predicted. Throws
 * `InputError` for ids outside the vocabulary and for more tokens than the model's context.
 */
export async function documentLosses(
  runner: ModelRunner,
  documents: readonly (readonly number[])[],
  options: TokenLossOptions = {},
  tools?: StageTools,
): Promise<readonly DocumentLoss[]> {
  const { contextLength, sizes } = runner.model.architecture;
  const { maxTokens = contextLength } = options;
  const asked = `measure the loss of ${documents.length} documents of at most ${maxTokens} tokens`;
  // The last token only has to be predicted: it takes no place in the context.
  if (maxTokens < 2 || maxTokens > contextLength + 1) {
    const fix = `Give from 2 to ${contextLength + 1} tokens`;
    throw new InputError({ asked, found: `the model's context is ${contextLength} tokens`, fix });
  }
  const rows = documents.map((document) => document.slice(0, maxTokens));
  checkIds(rows, sizes.vocab, asked);
  const length = rows.reduce((most, row) => Math.max(most, row.length), 2) - 1;
  const batch = options.batch ?? batchFor(rows.length, length * sizes.vocab);
  const losses = lossProgram(runner.model, { batch, length });
  const results: DocumentLoss[] = [];
  for (let start = 0; start < rows.length; start += batch) {
    tools?.signal.throwIfAborted();
    const part = rows.slice(start, start + batch);
    const { ids, targets, weights } = padRows(part, { batch, length });
    const { sums } = await runner.run(losses, {
      ids: hostIntegers(ids, [batch, length]),
      targets: hostIntegers(targets, [batch, length]),
      weights: hostFloats(weights, [batch, length]),
    });
    part.forEach((row, index) => results.push({ sum: sums?.data[index] ?? NaN, tokens: Math.max(0, row.length - 1) }));
    tools?.report({ type: 'progress', done: results.length, total: rows.length, unit: 'documents' });
  }
  return results;
}

/** Inputs `ids`, `targets`, `weights` `[B, T]`; output `sums [B]`. */
function lossProgram(shape: ModelShape, { batch, length }: BatchSize): Program {
  const type = [batch, length];
  const ids = input('ids', type, 'int32');
  const logits = shape.family.forward(shape.architecture, { ids, weight: runnerWeights(shape) }); // [N, V]
  const targets = reshape(input('targets', type, 'int32'), [batch * length, 1]);
  const picked = reshape(takeAlongAxis(logSoftmax(logits), targets, 1), type);
  const sums = reshape(sum(negate(multiply(picked, input('weights', type, 'float32'))), [1]), [batch]);
  return program('losses', { outputs: { sums } });
}
