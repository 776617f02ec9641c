// Qwen2 and Qwen2.5: Llama's blocks with biases on queries, keys and values.
import { z } from 'zod';
import { decoderConfig, size } from './decoder-config.js';
import { decoderFamily } from './decoder-family.js';

/**
 * Qwen2 and Qwen2.5: Llama's blocks with biases on queries, keys and values; windows that differ between layers are refused
 * (transformers' modeling_qwen2).
 */
export const qwen2 = decoderFamily({
  name: 'qwen2',
  title: 'Qwen2',
  summary: 'RMSNorm, rotary grouped-query attention with biases, SwiGLU (Qwen2, Qwen2.5)',
  config: decoderConfig.extend({
    model_type: z.literal('qwen2'),
    num_key_value_heads: size.nullable().default(32),
    max_position_embeddings: size.default(32768),
    rms_norm_eps: z.number().positive().default(1e-6),
    hidden_act: z.literal('silu').default('silu'),
    use_sliding_window: z.literal(false, 'windows that differ from layer to layer are not covered').default(false),
  }),
  architecture: (config) => ({ normEpsilon: config.rms_norm_eps, biases: ['q_proj', 'k_proj', 'v_proj'] }),
});
