// Nemotron-3, Nemotron-4 and Minitron: LayerNorm1P (weights stored minus 1, with biases), squared ReLU, partly turned heads.
import { z } from 'zod';
import { decoderConfig } from './decoder-config.js';
import { decoderFamily } from './decoder-family.js';

/**
 * Nemotron-3, Nemotron-4 and Minitron: LayerNorm1P, partly rotary grouped-query attention, squared ReLU without a gate (Parmar
 * et al. 2024; transformers' modeling_nemotron).
 */
export const nemotron = decoderFamily({
  name: 'nemotron',
  title: 'Nemotron',
  partlyRotary: true,
  summary: 'LayerNorm1P, partly rotary grouped-query attention, squared ReLU (Nemotron, Minitron)',
  config: decoderConfig.extend({
    model_type: z.literal('nemotron'),
    max_position_embeddings: decoderConfig.shape.max_position_embeddings.default(4096),
    norm_eps: z.number().positive().default(1e-5),
    hidden_act: z.literal('relu2').default('relu2'),
    attention_bias: z.boolean().default(false),
    mlp_bias: z.boolean().default(false),
    // In transformers 4; transformers 5 has it among the rope parameters, and the same default.
    partial_rotary_factor: z.number().positive().max(1).default(0.5),
  }),
  architecture: (config) => ({
    norm: 'layerNorm1p',
    feedForward: 'squaredRelu',
    normEpsilon: config.norm_eps,
    biases: [
      ...(config.attention_bias ? ['q_proj', 'k_proj', 'v_proj', 'o_proj'] : []),
      ...(config.mlp_bias ? ['up_proj', 'down_proj'] : []),
    ],
  }),
});
