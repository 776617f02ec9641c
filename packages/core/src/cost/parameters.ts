// How many parameters a shape has, and which of its layers have attention: what all other costs start from.
import { countParameters } from '../model/architecture.js';
import type { ModelShape, WeightSpec } from '../model/index.js';
import type { ParameterCount } from '../model/architecture.js';

/** Parameters of a model of this shape: the elements of its weights, all of them and those outside the embeddings. */
export function modelParameters({ family, architecture }: ModelShape): ParameterCount {
  return countParameters(family.weights(architecture), architecture.sizes);
}

/** Number of layers whose weights include this axis: a layer without its attention or its feed-forward has none of it. */
export function layersWith(axis: WeightSpec['axes'][number], { family, architecture }: ModelShape): number {
  const own = family.weights(architecture).filter(({ axes }) => axes.includes(axis));
  return new Set(own.map(({ layer }) => layer)).size;
}
