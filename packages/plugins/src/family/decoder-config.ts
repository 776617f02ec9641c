// What the config.json of all decoder families have in common, in the spelling of transformers 4 (`rope_scaling`) and of
// transformers 5 (`rope_parameters`), read into an architecture and written back. What a family adds is in its own file.
import { removedParts, type Architecture, type JsonObject, type Rope } from '@espalier/core';
import { z } from 'zod';

/** A size: a whole number of at least 1. */
export const size = z.int().positive();
const layerNumbers = z.array(z.int().nonnegative());

const ropeSchema = z.looseObject({
  /** `default`, `linear` or `llama3`. */
  rope_type: z.string().optional(),
  /** Former name of `rope_type`. */
  type: z.string().optional(),
  /** Base of the frequencies (transformers 5). */
  rope_theta: z.number().positive().optional(),
  /** Share of a head's channels that is turned, above 0 and at most 1 (transformers 5). */
  partial_rotary_factor: z.number().positive().max(1).optional(),
  /** What frequencies are divided by: all for `linear`, the low ones for `llama3`. */
  factor: z.number().positive().optional(),
  /** Of `llama3`: low is a wavelength above the original context / this. */
  low_freq_factor: z.number().positive().optional(),
  /** Of `llama3`: high is a wavelength below the original context / this. */
  high_freq_factor: z.number().positive().optional(),
  /** Of `llama3`: context before extension, in tokens. */
  original_max_position_embeddings: size.optional(),
});

/** The entries of config.json that every family has, by transformers' names; a family extends them by its own, all others are kept. */
export const decoderConfig = z.looseObject({
  /** Tokens of the vocabulary. */
  vocab_size: size,
  /** Channels of the residual stream. */
  hidden_size: size,
  /** Neurons of a feed-forward block. */
  intermediate_size: size,
  /** Number of layers. */
  num_hidden_layers: size,
  /** Query heads of a layer. */
  num_attention_heads: size,
  /** Key/value heads of a layer, a divisor of the query heads; as many as these when absent. */
  num_key_value_heads: size.nullish(),
  /** Channels of a head; hidden size / query heads when absent. */
  head_dim: size.nullish(),
  /** Longest context in tokens. */
  max_position_embeddings: size.default(2048),
  /** Base of the rotary frequencies; 10000 when neither this nor `rope_parameters` says. */
  rope_theta: z.number().positive().optional(),
  /** How rotary frequencies are lowered for long contexts (transformers 4). */
  rope_scaling: ropeSchema.nullish(),
  /** All about rotary frequencies (transformers 5); before `rope_scaling` and `rope_theta`. */
  rope_parameters: ropeSchema.nullish(),
  /** Share of a head's channels that is turned, above 0 and at most 1; 1 when absent. */
  partial_rotary_factor: z.number().positive().max(1).optional(),
  /** Whether the output projection is the embedding table. */
  tie_word_embeddings: z.boolean().default(false),
  /** The kind of attention of every layer; only `full_attention` is covered. */
  layer_types: z.array(z.literal('full_attention')).nullish(),
  /** What pruning has removed from layers; no other tool knows of it. */
  espalier: z
    .looseObject({
      /** Layers (0-based) without attention. */
      without_attention: layerNumbers,
      /** Layers (0-based) without feed-forward block. */
      without_feed_forward: layerNumbers,
    })
    .optional(),
});

/** What `decoderConfig` reads out of a config.json. */
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
