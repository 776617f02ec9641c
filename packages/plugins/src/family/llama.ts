// Llama 1, 2, 3, 3.1, 3.2 and checkpoints of the same layout.
import { nearestHeads } from '@espalier/core';
import { z } from 'zod';
import { decoderConfig } from './decoder-config.js';
import { decoderFamily } from './decoder-family.js';

/**
 * Llama 1 to 3.2 and checkpoints of their layout: RMSNorm, rotary grouped-query attention, SwiGLU, no or all biases
 * (transformers' modeling_llama).
 */
export const llama = decoderFamily({
  name: 'llama',
  title: 'Llama',
  summary: 'RMSNorm, rotary grouped-query attention, SwiGLU (Llama 1 to 3.2 and alike)',
  config: decoderConfig.extend({
    model_type: z.literal('llama'),
    rms_norm_eps: z.number().positive().default(1e-6),
    hidden_act: z.literal('silu').default('silu'),
    attention_bias: z.boolean().default(false),
    mlp_bias: z.boolean().default(false),
  }),
  // transformers 5 refuses the config.json of other Llamas, although head_dim is in it.
  problem({ sizes: { hidden, heads, kvHeads } }, from) {
    if (hidden % heads === 0) return undefined;
    const most = from?.sizes.hidden ?? Infinity;
    const nearest = [hidden - (hidden % heads), hidden + heads - (hidden % heads)].filter(
      (own) => own > 0 && own <= most,
    );
    const counts = from === undefined ? [] : nearestHeads(hidden, heads, from, kvHeads);
    const fixes = [
      ...(nearest.length === 0 ? [] : [`the nearest hidden sizes are ${nearest.join(' and ')}`]),
      ...(counts.length === 0 ? [] : [`with hidden ${hidden} give ${counts.join(' or ')} heads`]),
    ].join('; ');
    return {
      found: `transformers loads no Llama whose hidden size (${hidden}) is not a multiple of its heads (${heads})`,
      fix: fixes === '' ? 'Give other sizes' : fixes.charAt(0).toUpperCase() + fixes.slice(1),
    };
  },
  architecture: (config) => ({
    normEpsilon: config.rms_norm_eps,
    biases: [
      ...(config.attention_bias ? ['q_proj', 'k_proj', 'v_proj', 'o_proj'] : []),
      ...(config.mlp_bias ? ['gate_proj', 'up_proj', 'down_proj'] : []),
    ],
  }),
});
