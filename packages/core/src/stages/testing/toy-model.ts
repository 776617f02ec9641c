// A model small enough to check by hand, for the tests of the stages: embeddings and plain feed-forward blocks. Its attention
// weights are there to be cut; the forward pass does not use them.
import { add, gather, matmul, relu, reshape } from '../../graph/index.js';
import {
  hasPart,
  memoryWeights,
  weightShape,
  type Architecture,
  type Model,
  type ModelFamily,
  type WeightSpec,
} from '../../model/index.js';
import { masking } from '../../model/masks.js';
import { mutedCodec } from '../../model/muted-codec.js';
import { at } from '../../look-up.js';

export const toyFamily: ModelFamily = {
  name: 'toy',
  summary: 'for tests',
  modelTypes: ['toy'],
  readConfig: () => toyArchitecture,
  writeConfig: (original, { layers, sizes }) => ({ ...original, layers, hidden: sizes.hidden }),
  weights: (architecture) => [
    { name: 'table', axes: ['vocab', 'hidden'], kind: 'embedding' },
    ...Array.from({ length: architecture.layers }, (_, layer): readonly WeightSpec[] => [
      ...(hasPart(architecture, 'attention', layer)
        ? [
            { name: `${layer}.q`, axes: ['heads·headDim', 'hidden'], layer, kind: 'matrix' } as const,
            { name: `${layer}.k`, axes: ['kvHeads·headDim', 'hidden'], layer, kind: 'matrix' } as const,
          ]
        : []),
      ...(hasPart(architecture, 'feedForward', layer)
        ? [
            { name: `${layer}.in`, axes: ['ffn', 'hidden'], layer, kind: 'matrix' } as const,
            { name: `${layer}.out`, axes: ['hidden', 'ffn'], layer, kind: 'matrix' } as const,
          ]
        : []),
    ]).flat(),
    { name: 'norm', axes: ['hidden'], kind: 'norm' },
  ],
  forward(architecture, { ids, weight, masks, tap = (_name, value) => value }) {
    const mask = masking(masks, architecture);
    let x = tap('embedding', mask.hidden(reshape(gather(weight('table'), ids), [-1, architecture.sizes.hidden])));
    for (let layer = 0; layer < architecture.layers; layer++) {
      x = tap('blockInput', x, layer);
      if (!hasPart(architecture, 'feedForward', layer)) continue;
      const neurons = mask.neurons(relu(matmul(x, weight(`${layer}.in`), { transposeB: true })), layer);
      const added = matmul(tap('ffnActivation', neurons, layer), weight(`${layer}.out`), { transposeB: true });
      x = tap('blockOutput', add(x, mask.added('feedForward', added, layer)), layer);
    }
    return matmul(x, weight('table'), { transposeB: true });
  },
};

export const toyArchitecture: Architecture = {
  family: 'toy',
  layers: 3,
  sizes: { vocab: 5, hidden: 4, ffn: 6, heads: 4, kvHeads: 2, headDim: 2 },
  tiedEmbeddings: true,
  normEpsilon: 1e-5,
  rope: { theta: 10000, scaling: { type: 'default' } },
  contextLength: 16,
  biases: [],
};

/** Element i of the n-th weight is 1000·n + i, so that every cut shows where it came from. */
export function toyModel(): Model {
  const specs = toyFamily.weights(toyArchitecture);
  const values = specs.map((spec, n) => {
    const length = weightShape(spec, toyArchitecture.sizes).reduce((a, b) => a * b, 1);
    return [spec.name, Float32Array.from({ length }, (_, i) => 1000 * n + i)] as const;
  });
  return {
    family: toyFamily,
    architecture: toyArchitecture,
    config: { model_type: 'toy', layers: 3, hidden: 4, other: 'kept' },
    weights: memoryWeights(new Map(values)),
    tokenizer: mutedCodec(5),
    folder: '',
    storageTypes: new Map(specs.map(({ name }, n) => [name, at(['BF16', 'F16', 'F32'] as const, n % 3)])),
  };
}
