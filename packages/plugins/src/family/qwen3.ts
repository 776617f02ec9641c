// Qwen3, dense: Llama's blocks with norms over the channels of every query and key head.
import { z } from 'zod';
import { decoderConfig, size } from './decoder-config.js';
import { decoderFamily } from './decoder-family.js';

/** Qwen3, dense: Llama's blocks with an RMSNorm over the channels of every query and key head (transformers' modeling_qwen3). */
export const qwen3 = decoderFamily({
  name: 'qwen3',
  title: 'Qwen3',
  summary: 'RMSNorm, rotary grouped-query attention with head norms, SwiGLU (Qwen3, dense)',
  config: decoderConfig.extend({
    model_type: z.literal('qwen3'),
    num_key_value_heads: size.nullable().default(32),
    head_dim: size.default(128),
    max_position_embeddings: size.default(32768),
    rms_norm_eps: z.number().positive().default(1e-6),
    hidden_act: z.literal('silu').default('silu'),
    attention_bias: z.boolean().default(false),
    use_sliding_window: z.literal(false, 'windows that differ from layer to layer are not covered').default(false),
  }),
  architecture: (config) => ({
    headNorms: true,
    normEpsilon: config.rms_norm_eps,
    biases: config.attention_bias ? ['q_proj', 'k_proj', 'v_proj', 'o_proj'] : [],
  }),
});
