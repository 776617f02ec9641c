// Fresh weights for training from scratch.
import { memoryWeights, weightShape, type Model, type WeightSpec } from '../../model/index.js';
import type { Random } from '../../random.js';

/** Standard deviation of fresh matrices (Radford et al. 2019). */
const DEVIATION = 0.02;
/** Layers that write into the residual stream are damped by 1/√(2·layers), so that its variance does not grow with depth. */
const writesResidual = ({ kind, axes }: WeightSpec): boolean => kind === 'matrix' && axes[0] === 'hidden';

/** The same model with random weights: norms scale by 1, biases are 0, the rest is normal. */
export function initialise(model: Model, random: Random): Model {
  const { family, architecture } = model;
  const damping = 1 / Math.sqrt(2 * architecture.layers);
  const values = family.weights(architecture).map((spec) => {
    const stream = random.fork(spec.name);
    const scale = DEVIATION * (writesResidual(spec) ? damping : 1);
    const count = weightShape(spec, architecture.sizes).reduce((a, b) => a * b, 1);
    const fill = {
      norm: () => 1 - (spec.storedMinus ?? 0),
      bias: () => 0,
      matrix: () => scale * stream.normal(),
      embedding: () => scale * stream.normal(),
    };
    return [spec.name, Float32Array.from({ length: count }, fill[spec.kind])] as const;
  });
  return { ...model, weights: memoryWeights(new Map(values)) };
}
