// A small model with seeded random weights, for tests that need some model and no particular one.
import {
  decoder,
  decoderWeights,
  InputError,
  memoryWeights,
  mutedCodec,
  random,
  weightShape,
  type Architecture,
  type Model,
  type ModelFamily,
  type TextCodec,
} from '@espalier/core';

/** Sizes of a tiny model; each has a default. */
export interface TinySizes {
  /** Layers; 2 when not given. */
  readonly layers?: number;
  /** Channels of the residual stream; 8 when not given. */
  readonly hidden?: number;
  /** Neurons of a layer; 12 when not given. */
  readonly ffn?: number;
  /** Query heads of a layer; 4 when not given. */
  readonly heads?: number;
  /** Key/value heads of a layer; 2 when not given. */
  readonly kvHeads?: number;
  /** Channels of a head; 4 when not given. */
  readonly headDim?: number;
  /** Tokens of the vocabulary; 24 when not given. */
  readonly vocab?: number;
}

/** The family of tiny models: the decoder as it is, without files. */
export const tinyFamily: ModelFamily = {
  name: 'tiny',
  summary: 'decoders for tests',
  modelTypes: [],
  readConfig() {
    throw new InputError({ asked: 'read a tiny model', found: 'it has no files', fix: 'Make one with tinyModel()' });
  },
  writeConfig: (original) => original,
  weights: decoderWeights,
  forward: decoder,
};

/** The shape of a tiny model. */
export function tinyArchitecture(sizes: TinySizes = {}): Architecture {
  const { layers = 2, hidden = 8, ffn = 12, heads = 4, kvHeads = 2, headDim = 4, vocab = 24 } = sizes;
  return {
    family: 'tiny',
    layers,
    sizes: { hidden, ffn, heads, kvHeads, headDim, vocab },
    tiedEmbeddings: false,
    normEpsilon: 1e-5,
    rope: { theta: 10000, scaling: { type: 'default' } },
    contextLength: 64,
    biases: [],
  };
}

/** A model of these sizes: norms near 1, all other weights normal, the same for the same seed. */
export function tinyModel(sizes: TinySizes = {}, seed = 1): Model {
  const architecture = tinyArchitecture(sizes);
  const values = decoderWeights(architecture).map((spec) => {
    const stream = random(seed).fork(spec.name);
    const count = weightShape(spec, architecture.sizes).reduce((a, b) => a * b, 1);
    const draw = (): number => (spec.kind === 'norm' ? 1 + 0.1 * stream.normal() : 0.4 * stream.normal());
    return [spec.name, Float32Array.from({ length: count }, draw)] as const;
  });
  return {
    family: tinyFamily,
    architecture,
    config: {},
    weights: memoryWeights(new Map(values)),
    tokenizer: tinyTokenizer(architecture.sizes.vocab),
    folder: '',
    storageTypes: new Map(),
  };
}

/** Text as one token per character; 1 begins a text, 2 ends it. */
function tinyTokenizer(vocabularySize: number): TextCodec {
  return {
    ...mutedCodec(vocabularySize),
    prefix: [1],
    sampleStart: [1],
    eos: 2,
    endTokens: [2],
    encode: (text) => Array.from(text, (letter) => 3 + ((letter.codePointAt(0) ?? 0) % (vocabularySize - 3))),
    decode: (ids) => ids.map((id) => String.fromCodePoint(97 + (id % 26))).join(''),
  };
}
