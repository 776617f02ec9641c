// What the config.json of all decoder families have in common, in the spelling of transformers 4 (`rope_scaling`) and of
// transformers 5 (`rope_parameters`), read into an architecture and written back. What a family adds is in its own file.
import { removedParts, type Architecture, type JsonObject, type Rope } from '@espalier/core';
import { z } from 'zod';

/** A size: a whole number of at least 1. */
export const size = z.int().positive();
const layerNumbers = z.array(z.int().nonnegative());

const ropeSchema = z.looseObject({
  rope_type: z.string().optional(),
  type: z.string().optional(),
  rope_theta: z.number().positive().optional(),
  partial_rotary_factor: z.number().positive().max(1).optional(),
  factor: z.number().positive().optional(),
  low_freq_factor: z.number().positive().optional(),
  high_freq_factor: z.number().positive().optional(),
  original_max_position_embeddings: size.optional(),
});

/** The entries that every family has; a family extends them by its own. */
export const decoderConfig = z.looseObject({
  vocab_size: size,
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  num_key_value_heads: size.nullish(),
  head_dim: size.nullish(),
  max_position_embeddings: size.default(2048),
  rope_theta: z.number().positive().optional(),
  rope_scaling: ropeSchema.nullish(),
  rope_parameters: ropeSchema.nullish(),
  partial_rotary_factor: z.number().positive().max(1).optional(),
  tie_word_embeddings: z.boolean().default(false),
  layer_types: z.array(z.literal('full_attention')).nullish(),
  espalier: z.looseObject({ without_attention: layerNumbers, without_feed_forward: layerNumbers }).optional(),
});

export type DecoderConfig = z.infer<typeof decoderConfig>;

/** Says what is wrong with a config.json, and what to do: throws. */
export type Refuse = (found: string, fix: string) => never;

/** What follows from the common entries. */
export function readDecoderConfig(
  config: DecoderConfig,
  refuse: Refuse,
): Omit<Architecture, 'family' | 'normEpsilon' | 'biases'> {
  const heads = config.num_attention_heads;
  const kvHeads = config.num_key_value_heads ?? heads;
  if (heads % kvHeads !== 0) {
    const found = `num_attention_heads ${heads} is not a multiple of num_key_value_heads ${kvHeads}`;
    refuse(found, 'Every key/value head serves the same number of query heads');
  }
  const headDim = config.head_dim ?? config.hidden_size / heads;
  if (!Number.isInteger(headDim) || headDim % 2 !== 0) {
    refuse(`head size ${headDim} is not an even integer`, 'Set head_dim explicitly');
  }
  const { without_attention: attention = [], without_feed_forward: feedForward = [] } = config.espalier ?? {};
  const layers = config.num_hidden_layers;
  const outside = [...attention, ...feedForward].find((layer) => layer >= layers);
  if (outside !== undefined) {
    refuse(`espalier names layer ${outside} (0-based) of ${layers}`, 'Correct the entry, or remove it');
  }
  return {
    layers,
    sizes: {
      vocab: config.vocab_size,
      hidden: config.hidden_size,
      ffn: config.intermediate_size,
      heads,
      kvHeads,
      headDim,
    },
    tiedEmbeddings: config.tie_word_embeddings,
    rope: readRope(config, headDim, refuse),
    contextLength: config.max_position_embeddings,
    ...(attention.length === 0 ? {} : { withoutAttention: attention }),
    ...(feedForward.length === 0 ? {} : { withoutFeedForward: feedForward }),
  };
}

function readRope(config: DecoderConfig, headDim: number, refuse: Refuse): Rope {
  const own = config.rope_parameters ?? config.rope_scaling ?? {};
  const turned = Math.trunc(headDim * (own.partial_rotary_factor ?? config.partial_rotary_factor ?? 1));
  if (turned === 0 || turned % 2 !== 0)
    refuse(`${turned} channels of a head are turned`, 'They must be an even number');
  const common = {
    theta: own.rope_theta ?? config.rope_theta ?? 10000,
    ...(turned === headDim ? {} : { channels: turned }),
  };
  const type = own.rope_type ?? own.type ?? 'default';
  const { factor, low_freq_factor: low, high_freq_factor: high, original_max_position_embeddings: original } = own;
  if (type === 'default') return { ...common, scaling: { type } };
  if (type === 'linear' && factor !== undefined) return { ...common, scaling: { type, factor } };
  if (type === 'llama3' && factor !== undefined && low !== undefined && high !== undefined && original !== undefined) {
    const frequencies = { lowFrequencyFactor: low, highFrequencyFactor: high, originalContext: original };
    return { ...common, scaling: { type, factor, ...frequencies } };
  }
  return refuse(
    `rope type "${type}" with entries ${Object.keys(own).join(', ')}`,
    'Covered are default, linear and llama3 with all their factors',
  );
}

/** The original config.json with the sizes of another architecture, and with what was removed from its layers under `espalier`. */
export function writeDecoderConfig(original: JsonObject, architecture: Architecture): JsonObject {
  const { layers, sizes, tiedEmbeddings } = architecture;
  const { espalier: _former, ...rest } = original;
  const { attention, feedForward } = removedParts(architecture);
  const types = original['layer_types'];
  return {
    ...rest,
    num_hidden_layers: layers,
    hidden_size: sizes.hidden,
    intermediate_size: sizes.ffn,
    num_attention_heads: sizes.heads,
    num_key_value_heads: sizes.kvHeads,
    head_dim: sizes.headDim,
    vocab_size: sizes.vocab,
    tie_word_embeddings: tiedEmbeddings,
    // Checked to be all alike when it was read.
    ...(Array.isArray(types) ? { layer_types: types.slice(0, layers) as unknown[] } : {}),
    ...(attention.length + feedForward.length === 0
      ? {}
      : { espalier: { without_attention: attention, without_feed_forward: feedForward } }),
  };
}
