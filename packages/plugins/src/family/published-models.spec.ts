// Parameter counts of the models that the Minitron papers start from and end with, from config.json alone.
import { modelParameters, type ModelFamily } from '@espalier/core';
import { expect, test } from 'vitest';
import { llama } from './llama.js';
import { mistral } from './mistral.js';
import { nemotron } from './nemotron.js';

/** Layers, hidden, heads, key/value heads, ffn, vocabulary; heads are of 128 channels. */
type Shape = readonly [number, number, number, number, number, number];

test.each<[string, ModelFamily, Shape, number, number]>([
  ['Nemotron-4 15B', nemotron(), [32, 6144, 48, 8, 24576, 256000], 15_628_775_424, 12_483_047_424],
  ['Nemotron-3 8B', nemotron(), [32, 4096, 32, 32, 16384, 256000], 8_540_135_424, 6_442_983_424],
  ['Minitron 8B', nemotron(), [32, 4096, 48, 8, 16384, 256000], 8_271_699_968, 6_174_547_968],
  ['Minitron 4B', nemotron(), [32, 3072, 24, 8, 9216, 256000], 4_190_509_056, 2_617_645_056],
  ['Llama-3.1 8B', llama(), [32, 4096, 32, 8, 14336, 128256], 8_030_261_248, 6_979_588_096],
  ['Llama-3.1-Minitron-4B-Width', llama(), [32, 3072, 32, 8, 9216, 128256], 4_512_746_496, 3_724_741_632],
  ['Llama-3.1-Minitron-4B-Depth', llama(), [16, 4096, 32, 8, 14336, 128256], 4_540_469_248, 3_489_796_096],
  ['Mistral-NeMo 12B', mistral(), [40, 5120, 32, 8, 14336, 131072], 12_247_782_400, 10_905_605_120],
  ['MN-Minitron 8B', mistral(), [40, 4096, 32, 8, 11520, 131072], 8_414_105_600, 7_340_363_776],
])('%s', (_name, family, shape, parameters, nonEmbeddingParameters) => {
  const [layers, hidden, heads, kvHeads, ffn, vocab] = shape;
  const architecture = family.readConfig({
    model_type: family.name,
    num_hidden_layers: layers,
    hidden_size: hidden,
    num_attention_heads: heads,
    num_key_value_heads: kvHeads,
    head_dim: 128,
    intermediate_size: ffn,
    vocab_size: vocab,
    tie_word_embeddings: false,
  });
  expect(modelParameters({ family, architecture })).toEqual({ parameters, nonEmbeddingParameters });
});
