// Reads a Llama config.json, in the spelling of transformers 4 (`rope_scaling`) and of transformers 5 (`rope_parameters`).
import { InputError, type Architecture, type Rope } from '@espalier/core';
import { z } from 'zod';

const size = z.number().int().positive();

const ropeSchema = z.looseObject({
  rope_type: z.string().optional(),
  type: z.string().optional(),
  rope_theta: z.number().positive().optional(),
  factor: z.number().positive().optional(),
  low_freq_factor: z.number().positive().optional(),
  high_freq_factor: z.number().positive().optional(),
  original_max_position_embeddings: size.optional(),
});

const schema = z.looseObject({
  model_type: z.literal('llama'),
  vocab_size: size,
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  num_key_value_heads: size.nullish(),
  head_dim: size.nullish(),
  max_position_embeddings: size.default(2048),
  rms_norm_eps: z.number().positive().default(1e-6),
  rope_theta: z.number().positive().optional(),
  rope_scaling: ropeSchema.nullish(),
  rope_parameters: ropeSchema.nullish(),
  hidden_act: z.string().default('silu'),
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
  tie_word_embeddings: z.boolean().default(false),
  partial_rotary_factor: z.number().default(1),
});

type LlamaConfig = z.infer<typeof schema>;

/** Reads and checks a parsed config.json. Throws `InputError` naming the entry that is missing, wrong or not covered. */
export function readLlamaConfig(config: unknown): Architecture {
  const parsed = schema.safeParse(config);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw refused(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not an object'}`, 'Correct config.json');
  }
  const own = parsed.data;
  if (own.hidden_act !== 'silu') throw refused(`hidden_act is "${own.hidden_act}"`, 'The Llama family has silu only');
  if (own.partial_rotary_factor !== 1) {
    throw refused(`partial_rotary_factor is ${own.partial_rotary_factor}`, 'The Llama family rotates whole heads');
  }
  const kvHeads = own.num_key_value_heads ?? own.num_attention_heads;
  if (own.num_attention_heads % kvHeads !== 0) {
    throw refused(
      `num_attention_heads ${own.num_attention_heads} is not a multiple of num_key_value_heads ${kvHeads}`,
      'Every key/value head serves the same number of query heads',
    );
  }
  const headDim = own.head_dim ?? own.hidden_size / own.num_attention_heads;
  if (!Number.isInteger(headDim) || headDim % 2 !== 0) {
    throw refused(`head size ${headDim} is not an even integer`, 'Set head_dim explicitly');
  }
  return {
    family: 'llama',
    layers: own.num_hidden_layers,
    sizes: {
      vocab: own.vocab_size,
      hidden: own.hidden_size,
      ffn: own.intermediate_size,
      heads: own.num_attention_heads,
      kvHeads,
      headDim,
    },
    tiedEmbeddings: own.tie_word_embeddings,
    normEpsilon: own.rms_norm_eps,
    rope: readRope(own),
    contextLength: own.max_position_embeddings,
    biases: [
      ...(own.attention_bias ? ['q_proj', 'k_proj', 'v_proj', 'o_proj'] : []),
      ...(own.mlp_bias ? ['gate_proj', 'up_proj', 'down_proj'] : []),
    ],
  };
}

function readRope(config: LlamaConfig): Rope {
  const own = config.rope_parameters ?? config.rope_scaling ?? {};
  const theta = own.rope_theta ?? config.rope_theta ?? 10000;
  const type = own.rope_type ?? own.type ?? 'default';
  const { factor, low_freq_factor: low, high_freq_factor: high, original_max_position_embeddings: original } = own;
  if (type === 'default') return { theta, scaling: { type } };
  if (type === 'linear' && factor !== undefined) return { theta, scaling: { type, factor } };
  if (type === 'llama3' && factor !== undefined && low !== undefined && high !== undefined && original !== undefined) {
    const scaling = {
      type,
      factor,
      lowFrequencyFactor: low,
      highFrequencyFactor: high,
      originalContext: original,
    } as const;
    return { theta, scaling };
  }
  throw refused(
    `rope type "${type}" with entries ${Object.keys(own).join(', ')}`,
    'Covered are default, linear and llama3 with all their factors',
  );
}

function refused(found: string, fix: string): InputError {
  return new InputError({ asked: 'read a Llama config.json', found, fix });
}
