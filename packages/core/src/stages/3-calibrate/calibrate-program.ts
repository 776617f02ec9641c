// The calibration step as a program: one forward pass (and a backward one where a scorer asks for gradients), of which only
// the observations are kept, added to the accumulator of each sequence's fold.
import { gradient } from '../../autodiff/index.js';
import type { BatchSize } from '../../data/index.js';
import {
  add,
  crossEntropy,
  divide,
  GraphError,
  input,
  matmul,
  maximum,
  multiply,
  printGraph,
  program,
  reshape,
  sameShape,
  state,
  sum,
  type Program,
  type Tensor,
} from '../../graph/index.js';
import { runnerWeights, type ModelShape, type TapName } from '../../model/index.js';
import type { Observation, ObservedRows, TapReader } from './observation.js';

type Float = Tensor<'float32'>;

/** Name of the accumulator of an observation. */
export function statisticName(key: string): string {
  return `statistic/${key}`;
}

/** Size of a calibration step. */
export interface CalibrateSize extends BatchSize {
  /** Parts of the sample that are kept apart. */
  readonly folds: number;
}

/**
 * One run adds one batch. Inputs: `ids` int32 and `weights` float32, both `[B, T]`, `folds` float32 `[folds, B]` (1 where the
 * sequence of the column counts in the fold of the row), and where gradients are observed `targets` int32 `[B, T]`. No outputs;
 * the model's weights are states as a runner names them, the accumulators `[folds, size]` are under `statisticName`. Throws
 * `GraphError` for an observation that does not fit.
 */
export function calibrateProgram(
  model: ModelShape,
  observations: readonly Observation[],
  { batch, length, folds }: CalibrateSize,
): Program {
  const rows: ObservedRows = { weights: input('weights', [batch, length], 'float32'), batch, length };
  const assignment = input('folds', [folds, batch], 'float32');
  const tap = tapsOf(model, rows);
  const measured = new Map<string, Float>();
  const next: Record<string, Float> = {};
  for (const { key, size, observe } of observations) {
    const value = observe(tap, rows);
    const known = measured.get(key);
    if (known !== undefined && printGraph([[key, known]]) !== printGraph([[key, value]])) {
      throw new GraphError(`two observations are called "${key}" and measure different things`);
    }
    if (!sameShape(value.shape, [batch, size])) {
      throw new GraphError(`observation "${key}" gives [${value.shape.join()}], it declares [${batch},${size}]`);
    }
    measured.set(key, value);
    const name = statisticName(key);
    next[name] = add(state(name, [folds, size], 'float32'), matmul(assignment, value)); // [folds, B] · [B, size]
  }
  return program('calibrate', { next });
}

/** Whether observations have the model run backwards, which takes all of its layers at once. */
export function runsBackwards(model: ModelShape, observations: readonly Observation[]): boolean {
  const least = { batch: 1, length: 2, folds: 1 };
  return observations.length > 0 && Object.hasOwn(calibrateProgram(model, observations, least).inputs, 'targets');
}

function tapsOf(model: ModelShape, rows: ObservedRows): TapReader {
  const size = [rows.batch, rows.length];
  const tapped = new Map<string, Float>();
  const keyOf = (name: TapName, layer?: number): string => (layer === undefined ? name : `${name} of layer ${layer}`);
  const logits = model.family.forward(model.architecture, {
    ids: input('ids', size, 'int32'),
    weight: runnerWeights(model),
    tap(name, value, layer) {
      tapped.set(keyOf(name, layer), value);
      return value;
    },
  });
  const read = (name: TapName, layer?: number): Float => {
    const value = tapped.get(keyOf(name, layer));
    if (value === undefined) throw new GraphError(`the model has no tap ${keyOf(name, layer)} (0-based)`);
    return value;
  };
  let gradients: ReadonlyMap<Tensor, Tensor> | undefined;
  return Object.assign(read, {
    gradient(name: TapName, layer?: number): Float {
      gradients ??= gradientsOf(logits, [...tapped.values()], rows);
      return gradients.get(read(name, layer)) as Float;
    },
  });
}

/** Sequences do not see each other, so the gradient of the sum of their losses is, row by row, that of their own loss. */
function gradientsOf(logits: Float, taps: readonly Float[], { weights, batch, length }: ObservedRows) {
  const targets = reshape(input('targets', [batch, length], 'int32'), [batch * length]);
  const shares = reshape(divide(weights, maximum(sum(weights, [1]), 1)), [batch * length]);
  const total = multiply(crossEntropy(logits, targets, shares), sum(shares));
  const found = gradient(reshape(total, []), taps);
  return new Map(taps.map((own, index) => [own, found[index] ?? own] as const));
}
