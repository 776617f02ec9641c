// A pre-norm decoder with rotary grouped-query attention, as Llama and its kin have it; what differs between them is data in the
// architecture. B sequences of T tokens; N = B·T rows; H query heads, KV key/value heads, D head size, C hidden, F feed-forward,
// V vocabulary.
import {
  add,
  and,
  attention,
  constant,
  equal,
  gather,
  iota,
  lessEqual,
  matmul,
  reshape,
  rmsNorm,
  rotary,
  squaredRelu,
  swiGlu,
  transpose,
  type Tensor,
} from '../graph/index.js';
import { hasPart, type Architecture } from './architecture.js';
import { masking, type Masking, type ModelMasks } from './masks.js';
import { rotaryTables } from './rope.js';
import { at } from '../look-up.js';

type Float = Tensor<'float32'>;

/** Places in the model whose values statistics and losses may look at; all are `[N, …]`. Those of a removed part are zeros. */
export type TapName =
  | 'embedding' // [N, C]
  | 'blockInput' // [N, C]
  | 'attentionNorm' // [N, C], input of q, k and v projections
  | 'queries' // [N, H·D], before rotation
  | 'keys' // [N, KV·D], before rotation
  | 'values' // [N, KV·D]
  | 'attentionOutput' // [N, H·D], input of the output projection
  | 'attentionAdded' // [N, C], what attention adds to the residual stream
  | 'ffnInput' // [N, C], the residual stream between the two halves of a layer
  | 'ffnNorm' // [N, C], input of gate and up projections
  | 'ffnActivation' // [N, F], input of the down projection
  | 'blockOutput' // [N, C]
  | 'finalNorm'; // [N, C]

/** Sees every tapped value and gives what the model goes on with: the value itself, or a masked one. */
export type Tap = (name: TapName, value: Float, layer?: number) => Float;

/** One layer's attention in place of the ordinary causal one, e.g. over the keys of earlier tokens as well. */
export type Attend = (
  layer: number,
  queries: Float, // [B, H, T, D], turned by position
  keys: Float, // [B, KV, T, D], turned by position
  values: Float, // [B, KV, T, D]
  scale: number,
) => Float; // [B, H, T, D]

const untouched: Tap = (_name, value) => value;

/** What a forward pass reads. */
export interface DecoderInputs {
  /** Token ids `int32 [B, T]`. */
  readonly ids: Tensor<'int32'>;
  /** Weight by its checkpoint name, in the shape that the family's `weights` say. */
  readonly weight: (name: string) => Float;
  /** Positions `int32 [T]`; 0…T−1 when not given. */
  readonly positions?: Tensor<'int32'>;
  /** Document of each token `int32 [B, T]`: attention stays within it. Causal over the whole sequence when not given. */
  readonly documents?: Tensor<'int32'>;
  /** In place of causal attention within the batch, e.g. over cached keys as well. */
  readonly attend?: Attend;
  /** Sees the values at all places named by `TapName`, and may replace them. */
  readonly tap?: Tap;
  /** Silences parts of the model; taps see what is left. */
  readonly masks?: ModelMasks;
}

/**
 * The graph of one forward pass: logits `[B·T, V]` of the token after each row. Pre-norm blocks of attention and feed-forward,
 * as in transformers' modeling files of Llama, Mistral, Qwen2, Qwen3 and Nemotron; attention scores times 1/√D. Throws what
 * `weight` throws, and `GraphError` for weights of other shapes.
 */
export function decoder(architecture: Architecture, inputs: DecoderInputs): Float {
  const { ids, weight, tap = untouched } = inputs;
  const [batch, length] = [at(ids.shape, 0), at(ids.shape, 1)];
  const { hidden, ffn, heads, kvHeads, headDim } = architecture.sizes;
  const positions = inputs.positions ?? iota([length], 0);
  const tables = rotaryTables(architecture.rope, headDim, positions);
  const attend = inputs.attend ?? withinDocuments(inputs.documents);
  const mask = masking(inputs.masks, architecture);
  const norm = normOf(architecture, weight, mask);
  const zeros = (width: number): Float => constant(0, [batch * length, width], 'float32');

  let x = reshape(gather(weight('model.embed_tokens.weight'), ids), [batch * length, hidden]); // [B, T] -> [N, C]
  x = tap('embedding', mask.hidden(x));
  for (let layer = 0; layer < architecture.layers; layer++) {
    const block = `model.layers.${layer}`;
    const linear = linearLayers(architecture, weight, block);
    x = tap('blockInput', x, layer);

    if (hasPart(architecture, 'attention', layer)) {
      const a = tap('attentionNorm', norm(x, `${block}.input_layernorm`), layer);
      const outputs = selfAttention(architecture, { ids, weight, attend }, layer, tables, {
        q: tap('queries', linear(a, 'self_attn.q_proj'), layer), // [N, C] -> [N, H·D]
        k: tap('keys', linear(a, 'self_attn.k_proj'), layer), // [N, C] -> [N, KV·D]
        v: tap('values', linear(a, 'self_attn.v_proj'), layer),
      });
      const attended = tap('attentionOutput', mask.heads(outputs, layer), layer);
      const written = mask.added('attention', linear(attended, 'self_attn.o_proj'), layer); // [N, H·D] -> [N, C]
      x = add(x, tap('attentionAdded', written, layer));
    } else {
      tap('attentionNorm', zeros(hidden), layer);
      tap('queries', zeros(heads * headDim), layer);
      tap('keys', zeros(kvHeads * headDim), layer);
      tap('values', zeros(kvHeads * headDim), layer);
      tap('attentionOutput', zeros(heads * headDim), layer);
      tap('attentionAdded', zeros(hidden), layer);
    }
    x = tap('ffnInput', x, layer);

    if (hasPart(architecture, 'feedForward', layer)) {
      const f = tap('ffnNorm', norm(x, `${block}.post_attention_layernorm`), layer);
      const up = linear(f, 'mlp.up_proj'); // [N, C] -> [N, F]
      const gated = architecture.feedForward !== 'squaredRelu';
      const neurons = mask.neurons(gated ? swiGlu(linear(f, 'mlp.gate_proj'), up) : squaredRelu(up), layer);
      const added = linear(tap('ffnActivation', neurons, layer), 'mlp.down_proj'); // [N, F] -> [N, C]
      x = add(x, mask.added('feedForward', added, layer));
    } else {
      tap('ffnNorm', zeros(hidden), layer);
      tap('ffnActivation', zeros(ffn), layer);
    }
    x = tap('blockOutput', x, layer);
  }
  const final = tap('finalNorm', norm(x, 'model.norm'));
  const output = architecture.tiedEmbeddings ? 'model.embed_tokens.weight' : 'lm_head.weight';
  return matmul(final, weight(output), { transposeB: true }); // [N, C] -> [N, V]
}

/** The norms of the residual stream. */
function normOf(architecture: Architecture, weight: (name: string) => Float, mask: Masking) {
  const options = { epsilon: architecture.normEpsilon };
  return (x: Float, name: string): Float => {
    const scale = weight(`${name}.weight`);
    if (architecture.norm !== 'layerNorm1p') return mask.rmsNorm(x, scale, options);
    return mask.layerNorm(x, add(scale, 1), weight(`${name}.bias`), options);
  };
}

/** The linear layers of one block; weights are `[out, in]`. */
function linearLayers({ biases }: Architecture, weight: (name: string) => Float, block: string) {
  return (x: Float, name: string): Float => {
    const product = matmul(x, weight(`${block}.${name}.weight`), { transposeB: true });
    const short = name.slice(name.indexOf('.') + 1);
    return biases.includes(short) ? add(product, weight(`${block}.${name}.bias`)) : product;
  };
}

/**
 * Causal attention that sees no other document. Positions need not begin anew with each: rotation makes a score depend on the
 * distance of query and key alone, which is the same.
 */
function withinDocuments(documents: Tensor<'int32'> | undefined): Attend | undefined {
  if (documents === undefined) return undefined;
  const [batch, length] = [at(documents.shape, 0), at(documents.shape, 1)];
  const square = [length, length];
  const past = reshape(lessEqual(iota(square, 1), iota(square, 0)), [1, 1, length, length]);
  const same = equal(reshape(documents, [batch, 1, length, 1]), reshape(documents, [batch, 1, 1, length]));
  const mask = and(same, past); // [B, 1, T, T]
  return (_layer, q, k, v, scale) => attention(q, k, v, { scale, mask });
}

function selfAttention(
  { sizes, normEpsilon, headNorms = false }: Architecture,
  { ids, attend, weight }: Pick<DecoderInputs, 'ids' | 'weight'> & { readonly attend: Attend | undefined },
  layer: number,
  { cosines, sines }: { readonly cosines: Float; readonly sines: Float },
  rows: { readonly q: Float; readonly k: Float; readonly v: Float },
): Float {
  const [batch, length] = [at(ids.shape, 0), at(ids.shape, 1)];
  const { heads, kvHeads, headDim } = sizes;
  const split = (x: Float, count: number): Float =>
    transpose(reshape(x, [batch, length, count, headDim]), [0, 2, 1, 3]); // [N, n·D] -> [B, n, T, D]
  const turn = (x: Float, name: 'q_norm' | 'k_norm'): Float => {
    const own = (): Float => weight(`model.layers.${layer}.self_attn.${name}.weight`);
    return rotary(headNorms ? rmsNorm(x, own(), { epsilon: normEpsilon }) : x, cosines, sines);
  };
  const q = turn(split(rows.q, heads), 'q_norm');
  const k = turn(split(rows.k, kvHeads), 'k_norm');
  const v = split(rows.v, kvHeads);
  const scale = headDim ** -0.5;
  const out = attend === undefined ? attention(q, k, v, { scale }) : attend(layer, q, k, v, scale);
  return reshape(transpose(out, [0, 2, 1, 3]), [batch * length, heads * headDim]); // [B, H, T, D] -> [N, H·D]
}
