// Mistral and Mistral NeMo: Llama's blocks; attention may be confined to a window.
import { z } from 'zod';
import { decoderConfig, size } from './decoder-config.js';
import { decoderFamily } from './decoder-family.js';

/**
 * Mistral and Mistral NeMo: Llama's blocks. Attention beyond the window is not covered, so the context is at most the window
 * (transformers' modeling_mistral).
 */
export const mistral = decoderFamily({
  name: 'mistral',
  title: 'Mistral',
  summary:
    'RMSNorm, rotary grouped-query attention, SwiGLU; sequences within the attention window (Mistral, Mistral NeMo)',
  config: decoderConfig.extend({
    model_type: z.literal('mistral'),
    num_key_value_heads: size.nullable().default(8),
    max_position_embeddings: size.default(131072),
    rms_norm_eps: z.number().positive().default(1e-6),
    hidden_act: z.literal('silu').default('silu'),
    // transformers' default; null is no window.
    sliding_window: size.nullable().default(4096),
  }),
  architecture: (config, { contextLength }) => ({
    normEpsilon: config.rms_norm_eps,
    biases: [],
    // A window no shorter than the sequence hides nothing: within it, plain causal attention is exact.
    contextLength: Math.min(contextLength, config.sliding_window ?? contextLength),
  }),
});
