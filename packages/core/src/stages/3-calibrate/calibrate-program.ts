// The calibration step as a program: one forward pass, of which only the observations are kept, added to their accumulators.
import type { BatchSize } from '../../data/index.js';
import { add, GraphError, input, program, sameShape, state, type Program, type Tensor } from '../../graph/index.js';
import { runnerWeights, type ModelShape, type TapName } from '../../model/index.js';
import type { Observation, TapReader } from './observation.js';

type Float = Tensor<'float32'>;

/** Name of the accumulator of an observation. */
export function statisticName(key: string): string {
  return `statistic/${key}`;
}

/**
 * One run adds one batch. Inputs `ids` int32 and `weights` float32, both `[B, T]`; no outputs; the model's weights are states as
 * a runner names them, the accumulators are under `statisticName`. Throws `GraphError` for an observation that does not fit.
 */
export function calibrateProgram(
  model: ModelShape,
  observations: readonly Observation[],
  { batch, length }: BatchSize,
): Program {
  const weights = input('weights', [batch, length], 'float32');
  const tap = tapsOf(model, input('ids', [batch, length], 'int32'));
  const next: Record<string, Float> = {};
  for (const observation of observations) {
    const { key, shape } = observation;
    const name = statisticName(key);
    if (name in next) throw new GraphError(`two observations are called "${key}"`);
    const value = observation.observe(tap, { weights, batch, length });
    if (!sameShape(value.shape, shape)) {
      throw new GraphError(`observation "${key}" gives [${value.shape.join()}], it declares [${shape.join()}]`);
    }
    next[name] = add(state(name, shape, 'float32'), value);
  }
  return program('calibrate', { next });
}

function tapsOf(model: ModelShape, ids: Tensor<'int32'>): TapReader {
  const tapped = new Map<string, Float>();
  const keyOf = (name: TapName, layer?: number): string => (layer === undefined ? name : `${name} of layer ${layer}`);
  model.family.forward(model.architecture, {
    ids,
    weight: runnerWeights(model),
    tap(name, value, layer) {
      tapped.set(keyOf(name, layer), value);
      return value;
    },
  });
  return (name, layer) => {
    const value = tapped.get(keyOf(name, layer));
    if (value === undefined) throw new GraphError(`the model has no tap ${keyOf(name, layer)} (0-based)`);
    return value;
  };
}
