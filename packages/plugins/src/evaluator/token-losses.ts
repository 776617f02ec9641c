// Cross-entropy of every document under a model: what perplexity is made of.
import {
  at,
  InputError,
  padRows,
  present,
  prompted,
  runnerBytes,
  runnerWeights,
  type BatchSize,
  type ModelRunner,
  type ModelShape,
  type RunBytes,
  type StageTools,
} from '@espalier/core';
import {
  hostFloats,
  hostIntegers,
  input,
  logSoftmax,
  multiply,
  negate,
  program,
  reshape,
  sum,
  takeAlongAxis,
  type HostTensors,
  type Program,
} from '@espalier/core/graph';
import { batchFor, checkIds } from './batches.js';
import { windowsOf, type Window } from './windows.js';

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

/** Loss of one window. */
export interface TokenLoss extends DocumentLoss {
  /** The window's. */
  readonly unit: number;
}

/**
 * Losses of token ids, in the order of the documents; the first token of a document predicts and is not predicted. Throws
 * `InputError` for ids outside the vocabulary and for more tokens than the model's context.
 */
export async function documentLosses(
  runner: ModelRunner,
  documents: readonly (readonly number[])[],
  { maxTokens: length = runner.model.architecture.contextLength, batch }: TokenLossOptions = {},
  tools?: StageTools,
): Promise<readonly DocumentLoss[]> {
  const windows = windowsOf(documents, { windows: 'documents', length });
  const losses = await windowLosses(runner, windows, { length, ...(batch === undefined ? {} : { batch }) }, tools);
  return losses.map(({ sum, tokens }) => ({ sum, tokens }));
}

/** Throws `InputError` for windows that a model of this context cannot take: the last token only has to be predicted. */
export function checkWindow(length: number, context: number, asked: string): void {
  if (length >= 2 && length <= context + 1) return;
  const fix = `Give from 2 to ${context + 1} tokens`;
  throw new InputError({ asked, found: `the model's context is ${context} tokens`, fix });
}

/** Losses of windows of at most `length` tokens, in their order. Throws as `documentLosses`. */
export async function windowLosses(
  runner: ModelRunner,
  windows: readonly Window[],
  { length: most, batch: wanted }: { readonly length: number; readonly batch?: number },
  tools?: StageTools,
): Promise<readonly TokenLoss[]> {
  const { model } = runner;
  const { contextLength, sizes } = model.architecture;
  const asked = `measure the loss of ${windows.length} documents or windows of at most ${most} tokens`;
  checkWindow(most, contextLength, asked);
  const rows = windows.map(({ ids }) => ids);
  checkIds(rows, sizes.vocab, asked);
  const length = rows.reduce((longest, row) => Math.max(longest, row.length), 2) - 1;
  const batch = wanted ?? batchFor(rows.length, length * sizes.vocab);
  const losses = lossProgram(model, { batch, length });
  const batches: HostTensors[] = [];
  for (let start = 0; start < rows.length; start += batch) {
    const part = windows.slice(start, start + batch);
    const documents = part.map((own) => prompted(own.ids, own.ids.length - own.predicted));
    const { ids, targets, weights } = padRows(documents, { batch, length });
    batches.push({
      ids: hostIntegers(ids, [batch, length]),
      targets: hostIntegers(targets, [batch, length]),
      weights: hostFloats(weights, [batch, length]),
    });
  }
  const progress = (share: number): void =>
    tools?.report({ type: 'progress', done: Math.floor(share * rows.length), total: rows.length, unit: 'documents' });
  const { outputs } = await runner.runAll(losses, batches, { ...(tools && { signal: tools.signal }), progress });
  const sums = outputs.map((own) => present(own['sums'], 'the output "sums"').data);
  return windows.map(({ predicted, unit }, index) => {
    const row = at(present(sums[Math.floor(index / batch)], 'the sums of a batch'), index % batch);
    return { sum: row, tokens: predicted, unit };
  });
}

/** Bytes of a process that measures the losses of so many windows of `length` tokens. */
export function windowLossBytes(
  model: ModelShape,
  windows: number,
  { length: tokens, batch: wanted }: { readonly length: number; readonly batch?: number },
): RunBytes {
  const length = tokens - 1;
  const batch = wanted ?? batchFor(windows, length * model.architecture.sizes.vocab);
  return runnerBytes(model, lossProgram(model, { batch, length }), { batches: Math.ceil(windows / batch) });
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
