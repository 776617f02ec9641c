// Fewer layers of the same width.
import { InputError, modelParameters, targetParameters, type ModelShape, type SearchStrategy } from '@espalier/core';

/** As many layers as the target allows. Throws `InputError` when one layer is already too much. */
export const depthSearch: SearchStrategy = {
  name: 'depth',
  summary: 'whole layers go; the widths stay',
  choose(model, target) {
    const limit = targetParameters(model, target);
    for (let layers = model.architecture.layers; layers >= 1; layers--) {
      if (parametersOf(model, layers) <= limit) return { ...model.architecture, layers };
    }
    throw new InputError({
      asked: `prune to ${limit.toLocaleString('en-GB')} parameters by depth`,
      found: 'the embeddings and one layer have more',
      fix: `Give at least ${parametersOf(model, 1).toLocaleString('en-GB')}, or prune by width`,
    });
  },
};

function parametersOf(model: ModelShape, layers: number): number {
  return modelParameters({ ...model, architecture: { ...model.architecture, layers } }).parameters;
}
