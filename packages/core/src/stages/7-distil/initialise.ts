// Fresh weights for training from scratch.
import { memoryWeights, weightShape, type Model } from '../../model/index.js';
import type { Random } from '../../random.js';

/** Standard deviation of fresh matrices (Radford et al. 2019). */
const DEVIATION = 0.02;
/** Layers that write into the residual stream are damped by 1/√(2·layers), so that its variance does not grow with depth. */
const residual = /\.(o_proj|down_proj)\.weight$/;

/** The same model with random weights: norms 1, biases 0, the rest normal. */
export function initialise(model: Model, random: Random): Model {
  const { family, architecture } = model;
  const damping = 1 / Math.sqrt(2 * architecture.layers);
  const values = family.weights(architecture).map((spec) => {
    const stream = random.fork(spec.name);
    const scale = DEVIATION * (residual.test(spec.name) ? damping : 1);
    const count = weightShape(spec, architecture.sizes).reduce((a, b) => a * b, 1);
    const fill = {
      norm: () => 1,
      bias: () => 0,
      matrix: () => scale * stream.normal(),
      embedding: () => scale * stream.normal(),
    };
    return [spec.name, Float32Array.from({ length: count }, fill[spec.kind])] as const;
  });
  return { ...model, weights: memoryWeights(new Map(values)) };
}
