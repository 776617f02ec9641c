// A tiny random decoder with grouped heads, for the tests of generation.
import {
  decoder,
  decoderWeights,
  memoryWeights,
  weightShape,
  type Architecture,
  type Model,
  type ModelFamily,
} from '../../model/index.js';
import { mutedCodec } from '../../model/muted-codec.js';
import { random } from '../../random.js';

const architecture: Architecture = {
  family: 'tiny',
  layers: 2,
  sizes: { vocab: 11, hidden: 8, ffn: 12, heads: 4, kvHeads: 2, headDim: 4 },
  tiedEmbeddings: true,
  normEpsilon: 1e-5,
  rope: { theta: 100, scaling: { type: 'default' } },
  contextLength: 80,
  biases: [],
};

const family: ModelFamily = {
  name: 'tiny',
  summary: 'for tests',
  modelTypes: ['tiny'],
  readConfig: () => architecture,
  writeConfig: (original) => original,
  weights: decoderWeights,
  forward: decoder,
};

/** Its first token begins a text, its second one ends it. */
export function tinyDecoder(): Model {
  const stream = random(5);
  const values = family.weights(architecture).map((spec) => {
    const length = weightShape(spec, architecture.sizes).reduce((a, b) => a * b, 1);
    return [spec.name, Float32Array.from({ length }, () => 0.8 * stream.normal())] as const;
  });
  return {
    family,
    architecture,
    config: {},
    weights: memoryWeights(new Map(values)),
    tokenizer: {
      ...mutedCodec(11),
      prefix: [0],
      sampleStart: [0],
      eos: 1,
      endTokens: [1],
      decode: (ids) => ids.join(' '),
    },
    folder: '',
    storageTypes: new Map(),
  };
}
