// Rotary position embedding and grouped-query attention.
import {
  add,
  applyComposite,
  concat,
  iota,
  lessEqual,
  matmul,
  multiply,
  negate,
  reshape,
  slice,
  softmax,
  subtract,
  sum,
  where,
  constant,
} from '../build.js';
import { GraphError } from '../shape-rules.js';
import { describeType, type CompositeDefinition, type FloatDType, type Tensor } from '../tensor.js';
import { floats, operandOf } from './operands.js';

const rotaryDefinition: CompositeDefinition<undefined> = {
  name: 'rotary',
  body(inputs) {
    const [x, cosines, sines] = floats(inputs, 3);
    const size = x.shape.at(-1) ?? 0;
    const half = cosines.shape.at(-1) ?? 0;
    const [a, b] = [slice(x, -1, 0, half), slice(x, -1, half, 2 * half)];
    const turned = [
      subtract(multiply(a, cosines), multiply(b, sines)), // first half
      add(multiply(b, cosines), multiply(a, sines)), // second half
    ];
    return concat(2 * half === size ? turned : [...turned, slice(x, -1, 2 * half, size)], -1);
  },
  // A rotation's transpose is the rotation by the opposite angle. What the tables get costs nothing where they are constant.
  gradient({ inputs, cotangent }) {
    const [x, cosines, sines] = floats(inputs, 3);
    const [ct] = floats([cotangent], 1);
    const half = cosines.shape.at(-1) ?? 0;
    const halves = (of: Tensor<FloatDType>): readonly [Tensor<FloatDType>, Tensor<FloatDType>] => [
      slice(of, -1, 0, half),
      slice(of, -1, half, 2 * half),
    ];
    const [[a, b], [ctA, ctB]] = [halves(x), halves(ct)];
    return [
      rotary(ct, cosines, negate(sines)),
      add(multiply(ctA, a), multiply(ctB, b)),
      subtract(multiply(ctB, a), multiply(ctA, b)),
    ];
  },
};

/**
 * Rotates the pairs (d, d + half) of the last axis (half-split order, as Hugging Face checkpoints have it; Su et al. 2021):
 * `x [B, H, T, D]`, `cosines` and `sines` `[T, half]`. Channels past 2·half pass through (partial rotary).
 */
export function rotary<D extends FloatDType>(
  x: Tensor<D>,
  cosines: Tensor<NoInfer<D>>,
  sines: Tensor<NoInfer<D>>,
): Tensor<D> {
  return applyComposite(rotaryDefinition, [x, cosines, sines], undefined);
}

interface AttentionOptions {
  /** Query i sees keys 0…i; else the bool mask operand says what is seen. */
  readonly causal: boolean;
  /** Factor on the scores, 1/√headDim as a rule. */
  readonly scale: number;
}

/** Sizes of one attention call; query heads are grouped by the key/value head they read. */
interface Layout {
  readonly batch: number;
  readonly kvHeads: number;
  readonly groups: number;
  readonly queries: number;
  readonly keys: number;
  readonly size: number;
}

function layoutOf(q: Tensor, k: Tensor, causal: boolean): Layout {
  if (q.shape.length !== 4 || k.shape.length !== 4) throw new GraphError('queries and keys must be of rank 4');
  const [batch = 0, heads = 0, queries = 0, size = 0] = q.shape;
  const [, kvHeads = 0, keys = 0] = k.shape;
  if (heads % kvHeads !== 0) throw new GraphError(`${heads} query heads do not divide into ${kvHeads} groups`);
  if (causal && queries !== keys) {
    throw new GraphError(`causal attention needs as many keys as queries, found ${keys} and ${queries}; pass a mask`);
  }
  return { batch, kvHeads, groups: heads / kvHeads, queries, keys, size };
}

/** [B, H, T, D] -> [B, KV, G·T, D]. */
function group(x: Tensor<FloatDType>, { batch, kvHeads, groups, queries, size }: Layout): Tensor<FloatDType> {
  return reshape(x, [batch, kvHeads, groups * queries, size]);
}

/** A mask that broadcasts to [B, H, T, S] as one that broadcasts to [B, KV, G, T, S]. */
function groupMask(mask: Tensor<'bool'>, { kvHeads, groups }: Layout): Tensor<'bool'> {
  const [batch = 1, heads = 1, queries = 1, keys = 1] = [...Array<number>(4).fill(1), ...mask.shape].slice(-4);
  if (mask.shape.length > 4 || (heads !== 1 && heads !== kvHeads * groups)) {
    throw new GraphError(`the mask ${describeType(mask)} does not broadcast to [batch, heads, queries, keys]`);
  }
  return reshape(mask, heads === 1 ? [batch, 1, 1, queries, keys] : [batch, kvHeads, groups, queries, keys]);
}

/** Hidden scores get these instead of −∞, so that a row with nothing to see is uniform and not NaN. */
const HIDDEN_SCORES = { float32: -1e9, float16: -65504 } as const;

/** Attention weights [B, KV, G·T, S]. */
function weights(inputs: readonly Tensor[], { causal, scale }: AttentionOptions, layout: Layout): Tensor<FloatDType> {
  const [q, k] = floats(inputs, 2);
  const { batch, kvHeads, groups, queries, keys } = layout;
  const scores = matmul(group(multiply(q, scale), layout), k, { transposeB: true }); // [B, KV, G·T, S]
  const split = reshape(scores, [batch, kvHeads, groups, queries, keys]);
  const hidden = HIDDEN_SCORES[q.dtype];
  if (!causal) {
    // Chosen, not added: where nothing is seen, the sum would keep as much of the score as the precision has room for.
    const seen = groupMask(operandOf(inputs, 3, 'bool'), layout);
    return reshape(softmax(where(seen, split, hidden)), scores.shape);
  }
  const seen = lessEqual(iota([queries, keys], 1), iota([queries, keys], 0)); // key position ≤ query position
  const bias = where(seen, constant(0, seen.shape, q.dtype), hidden);
  return reshape(softmax(add(split, bias)), scores.shape);
}

/** The gradient of the scores where they were seen, 0 elsewhere; a causal row always sees itself, and hides by weight 0. */
function seenOnly(ds: Tensor<FloatDType>, inputs: readonly Tensor[], layout: Layout): Tensor<FloatDType> {
  const { batch, kvHeads, groups, queries, keys } = layout;
  const seen = groupMask(operandOf(inputs, 3, 'bool'), layout);
  return reshape(where(seen, reshape(ds, [batch, kvHeads, groups, queries, keys]), 0), ds.shape);
}

const attentionDefinition: CompositeDefinition<AttentionOptions> = {
  name: 'attention',
  body(inputs, options) {
    const [q, k, v] = floats(inputs, 3);
    return reshape(matmul(weights(inputs, options, layoutOf(q, k, options.causal)), v), q.shape); // -> [B, H, T, D]
  },
  // The sum over keys in the softmax gradient equals the row dot of cotangent and output (Dao et al. 2022, B.2).
  gradient({ inputs, output, cotangent, options }) {
    const [q, k, v] = floats(inputs, 3);
    const [out, ct] = floats([output, cotangent], 2);
    const layout = layoutOf(q, k, options.causal);
    const p = weights(inputs, options, layout);
    const ctV = group(ct, layout);
    const dp = matmul(ctV, v, { transposeB: true });
    const all = multiply(p, subtract(dp, sum(group(multiply(ct, out), layout), [-1])));
    const ds = options.causal ? all : seenOnly(all, inputs, layout);
    return [
      multiply(reshape(matmul(ds, k), q.shape), options.scale),
      matmul(ds, group(multiply(q, options.scale), layout), { transposeA: true }),
      matmul(p, ctV, { transposeA: true }),
    ];
  },
};

/**
 * softmax(q·kᵀ·scale)·v with grouped queries: `q [B, H, T, D]`, `k` and `v` `[B, KV, S, D]` give `[B, H, T, D]`; query
 * head h reads key/value head ⌊h / (H/KV)⌋ (Ainslie et al. 2023). A `mask` broadcasts to `[B, H, T, S]` and is true where a
 * key is seen; a query that sees none gets the mean of all values. Without one, query i sees keys 0…i.
 */
export function attention<D extends FloatDType>(
  q: Tensor<D>,
  k: Tensor<NoInfer<D>>,
  v: Tensor<NoInfer<D>>,
  options: { readonly scale: number; readonly mask?: Tensor<'bool'> },
): Tensor<D> {
  const { scale, mask } = options;
  const inputs = mask === undefined ? [q, k, v] : [q, k, v, mask];
  return applyComposite(attentionDefinition, inputs, { causal: mask === undefined, scale });
}
