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
import type { CompositeDefinition, FloatDType, Tensor } from '../tensor.js';
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
  // A rotation's transpose is the rotation by the opposite angle; the angles themselves are not learned.
  gradient({ inputs, cotangent }) {
    const [, cosines, sines] = floats(inputs, 3);
    const [ct] = floats([cotangent], 1);
    return [rotary(ct, cosines, negate(sines)), undefined, undefined];
  },
};

/**
 * Rotates the pairs (d, d + half) of the last axis (half-split order, as Hugging Face checkpoints have it; Su et al. 2021):
 * `x [B, H, T, D]`, `cosines` and `sines` `[T, half]`. Channels past 2·half pass through (partial rotary).
 */
export function rotary<D extends FloatDType>(x: Tensor<D>, cosines: Tensor<D>, sines: Tensor<D>): Tensor<D> {
  return applyComposite(rotaryDefinition, [x, cosines, sines], undefined);
}

interface AttentionOptions {
  /** Query i sees keys 0…i; else the bool mask operand says what is seen. */
  readonly causal: boolean;
  /** Factor on the scores, 1/√headDim as a rule. */
  readonly scale: number;
}

/** Scores that are masked out get this instead of −∞, so that a row with nothing to see is uniform and not NaN. */
const MASKED_SCORE = -1e9;

/** Attention weights [B, KV, G·T, S] of queries grouped by their key/value head. */
function weights(inputs: readonly Tensor[], { causal, scale }: AttentionOptions): Tensor<FloatDType> {
  const [q, k] = floats(inputs, 2);
  const [batch = 1, heads = 1, length = 1, size = 1] = q.shape;
  const [, kvHeads = 1, keys = 1] = k.shape;
  if (heads % kvHeads !== 0) throw new GraphError(`${heads} query heads do not divide into ${kvHeads} groups`);
  if (causal && length !== keys)
    throw new GraphError(`causal attention needs as many keys as queries: ${keys}, ${length}`);
  const groups = heads / kvHeads;
  const seen = causal
    ? lessEqual(iota([length, keys], 1), iota([length, keys], 0)) // key position ≤ query position
    : operandOf(inputs, 3, 'bool');
  const bias = where(seen, constant(0, seen.shape, q.dtype), MASKED_SCORE);
  const grouped = reshape(multiply(q, scale), [batch, kvHeads, groups * length, size]); // [B, H, T, D] -> [B, KV, G·T, D]
  const scores = matmul(grouped, k, { transposeB: true }); // [B, KV, G·T, S]
  const masked = add(reshape(scores, [batch, kvHeads, groups, length, keys]), bias);
  return reshape(softmax(masked), [batch, kvHeads, groups * length, keys]);
}

const attentionDefinition: CompositeDefinition<AttentionOptions> = {
  name: 'attention',
  body(inputs, options) {
    const [q, , v] = floats(inputs, 3);
    return reshape(matmul(weights(inputs, options), v), q.shape); // [B, KV, G·T, D] -> [B, H, T, D]
  },
  // The sum over keys in the softmax gradient equals the row dot of cotangent and output (Dao et al. 2022, B.2).
  gradient({ inputs, output, cotangent, options }) {
    const [q, k, v] = floats(inputs, 3);
    const [out, ct] = floats([output, cotangent], 2);
    const [batch = 1, , , size = 1] = q.shape;
    const [, kvHeads = 1] = k.shape;
    const grouped = (x: Tensor<FloatDType>): Tensor<FloatDType> => reshape(x, [batch, kvHeads, -1, size]);
    const p = weights(inputs, options);
    const dp = matmul(grouped(ct), v, { transposeB: true });
    const ds = multiply(p, subtract(dp, sum(grouped(multiply(ct, out)), [-1])));
    return [
      multiply(reshape(matmul(ds, k), q.shape), options.scale),
      matmul(ds, grouped(multiply(q, options.scale)), { transposeA: true }),
      matmul(p, grouped(ct), { transposeA: true }),
    ];
  },
};

/**
 * softmax(q·kᵀ·scale + mask)·v with grouped queries: `q [B, H, T, D]`, `k` and `v` `[B, KV, S, D]` give `[B, H, T, D]`;
 * query head h reads key/value head ⌊h / (H/KV)⌋ (Ainslie et al. 2023).
 */
export function attention<D extends FloatDType>(
  q: Tensor<D>,
  k: Tensor<D>,
  v: Tensor<D>,
  options: { readonly scale: number; readonly mask?: Tensor<'bool'> },
): Tensor<D> {
  const { scale, mask } = options;
  const inputs = mask === undefined ? [q, k, v] : [q, k, v, mask];
  return applyComposite(attentionDefinition, inputs, { causal: mask === undefined, scale });
}
