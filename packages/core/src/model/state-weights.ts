// A model's weights as leaves of a program: the states they are kept in.
import { state, type Tensor, type TensorTypes } from '../graph/index.js';
import { weightShape, type Architecture, type WeightSpec } from './architecture.js';
import type { ModelFamily } from './family.js';

type Float = Tensor<'float32'>;

/** A model's graph side: which family, which shape. */
export interface ModelShape {
  /** How its weights are named and its graph is made. */
  readonly family: ModelFamily;
  /** Its sizes. */
  readonly architecture: Architecture;
}

/** Weights of a model as float32 state leaves, by checkpoint name; `rename` gives the name of each state. */
export function stateWeights(
  { family, architecture }: ModelShape,
  rename: (weight: string) => string,
): ReadonlyMap<string, Float> {
  const leaf = (spec: WeightSpec): Float => state(rename(spec.name), weightShape(spec, architecture.sizes), 'float32');
  return new Map(family.weights(architecture).map((spec) => [spec.name, leaf(spec)]));
}

/** Types of a model's weights as states, by the names that `rename` gives. */
export function weightTypes({ family, architecture }: ModelShape, rename: (weight: string) => string): TensorTypes {
  const entries = family.weights(architecture).map((spec) => {
    const type = { shape: weightShape(spec, architecture.sizes), dtype: 'float32' } as const;
    return [rename(spec.name), type] as const;
  });
  return Object.fromEntries(entries);
}

/** Looks a weight up by its checkpoint name. The function throws `RangeError` for one that is not there. */
export function weightLookup(weights: ReadonlyMap<string, Float>): (name: string) => Float {
  return (name) => {
    const weight = weights.get(name);
    if (weight === undefined) throw new RangeError(`the model has no weight "${name}"`);
    return weight;
  };
}
