// NVIDIA's own Llama students, from config.json alone: their shapes, and the exact parameter counts of the published models.
import {
  explicitArchitecture,
  makePlan,
  modelParameters,
  parseTarget,
  planArchitecture,
  type Pruner,
  type Scores,
} from '@espalier/core';
import { expect, test } from 'vitest';
import { llama } from '../family/llama.js';
import { depthPruner } from './depth.js';
import { jointPruner } from './joint.js';
import { widthPruner } from './width.js';

const config = {
  model_type: 'llama',
  vocab_size: 128256,
  hidden_size: 4096,
  intermediate_size: 14336,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  num_key_value_heads: 8,
  rms_norm_eps: 1e-5,
  rope_theta: 500000,
  max_position_embeddings: 131072,
  tie_word_embeddings: false,
};
const teacher = { family: llama(), architecture: llama().readConfig(config) };
const scores: Scores = {
  hidden: Array.from({ length: 4096 }, (_, i) => i),
  ffn: Array.from({ length: 32 }, () => Array.from({ length: 14336 }, (_, i) => i)),
  heads: [],
  layers: Array.from({ length: 32 }, (_, i) => i),
};

test('Llama-3.1 8B', () => {
  expect(modelParameters(teacher)).toEqual({ parameters: 8_030_261_248, nonEmbeddingParameters: 6_979_588_096 });
});

test.each<[string, string, Pruner, number, number]>([
  ['4B-Width', 'hidden_size=3072,ffn_hidden_size=9216', widthPruner(), 4_512_746_496, 3_724_741_632],
  ['4B-Depth', 'num_layers=16', depthPruner({ contiguous: true }), 4_540_469_248, 3_489_796_096],
  ['both at once', 'num_layers=16,hidden=3072,ffn=9216', jointPruner(), 2_650_377_216, 1_862_372_352],
])('Llama-3.1-Minitron %s', (_name, text, pruner, parameters, nonEmbeddingParameters) => {
  const target = parseTarget(text);
  if (target.kind !== 'shape') throw new Error('not a shape');
  const wanted = explicitArchitecture(teacher.architecture, target.shape);
  const plan = makePlan(pruner, teacher.architecture, scores, wanted);
  const architecture = planArchitecture(teacher.architecture, plan);
  expect(modelParameters({ family: llama(), architecture })).toEqual({ parameters, nonEmbeddingParameters });
  expect(llama().writeConfig(config, architecture)).toMatchObject({ head_dim: 128, num_key_value_heads: 8 });
});
