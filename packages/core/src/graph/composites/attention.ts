// Grouped-query attention.
import {
  add,
  applyComposite,
  cast,
  concat,
  constant,
  iota,
  lessEqual,
  matmul,
  multiply,
  pad,
  reshape,
  slice,
  softmax,
  subtract,
  sum,
  where,
} from '../build.js';
import { GraphError } from '../shape-rules.js';
import { describeType, type CompositeDefinition, type FloatDType, type Shape, type Tensor } from '../tensor.js';
import { floats, operandOf, sizeOf } from './operands.js';

type Float = Tensor<FloatDType>;

interface AttentionOptions {
  /** Query i sees keys 0…i; else the bool mask operand says what is seen. */
  readonly causal: boolean;
  /** Factor on the scores, 1/√headDim as a rule. */
  readonly scale: number;
}

/** Causal attention runs in blocks of queries, each with the keys up to its own end: near half of the square is never computed. */
const LEAST_BLOCK = 64;
const MOST_BLOCKS = 8;

/** Hidden scores get this instead of −∞, so that a row with nothing to see is uniform and not NaN. */
const HIDDEN_SCORE = -1e9;

/** Query positions `from…to` and the keys and values they may see. */
interface Block {
  readonly from: number;
  readonly to: number;
  readonly q: Float; // [B, H, t, D]
  readonly k: Float; // [B, KV, s, D]
  readonly v: Float;
  /** Sees what: added to the scores of a causal block, or chosen by the mask. */
  readonly mask: Tensor<'bool'> | undefined;
}

function checkOperands(q: Float, k: Float, causal: boolean): void {
  if (q.shape.length !== 4 || k.shape.length !== 4) throw new GraphError('queries and keys must be of rank 4');
  const [, heads, queries] = sizes4(q);
  const [, kvHeads, keys] = sizes4(k);
  if (heads % kvHeads !== 0) throw new GraphError(`${heads} query heads do not divide into ${kvHeads} groups`);
  if (causal && queries !== keys) {
    throw new GraphError(`causal attention needs as many keys as queries, found ${keys} and ${queries}; pass a mask`);
  }
}

/** Into how many equal blocks the queries of causal attention over `length` tokens are cut. */
export function causalBlocks(length: number): number {
  const most = Math.min(MOST_BLOCKS, Math.floor(length / LEAST_BLOCK));
  return Array.from({ length: most }, (_, index) => most - index).find((own) => length % own === 0) ?? 1;
}

function blocksOf(inputs: readonly Tensor[], { causal }: AttentionOptions): readonly Block[] {
  const [q, k, v] = floats(inputs, 3);
  checkOperands(q, k, causal);
  const length = sizeOf(q, 2);
  if (!causal) return [{ from: 0, to: length, q, k, v, mask: operandOf(inputs, 3, 'bool') }];
  const count = causalBlocks(length);
  const size = length / count;
  return Array.from({ length: count }, (_, index) => {
    const [from, to] = [index * size, (index + 1) * size];
    return { from, to, q: slice(q, 2, from, to), k: slice(k, 2, 0, to), v: slice(v, 2, 0, to), mask: undefined };
  });
}

/** The four sizes of queries, keys, values or scores. */
function sizes4(x: Float): readonly [number, number, number, number] {
  return [sizeOf(x, 0), sizeOf(x, 1), sizeOf(x, 2), sizeOf(x, 3)];
}

/** [B, H, t, D] -> [B, KV, G·t, D]: the queries that read one key/value head become the rows of one product. */
function grouped(x: Float, { k }: Block): Float {
  const [batch, heads, queries, size] = sizes4(x);
  const kvHeads = sizeOf(k, 1);
  return reshape(x, [batch, kvHeads, (heads / kvHeads) * queries, size]);
}

/** [B, KV, G·t, s] -> [B, KV, G, t, s]. */
function perHead(x: Float, { q }: Block): Float {
  const [batch, kvHeads, , keys] = sizes4(x);
  const [, heads, queries] = sizes4(q);
  return reshape(x, [batch, kvHeads, heads / kvHeads, queries, keys]);
}

/** A mask that broadcasts to [B, H, T, S] as one that broadcasts to [B, KV, G, T, S]. */
function groupMask(mask: Tensor<'bool'>, q: Shape, kvHeads: number): Tensor<'bool'> {
  const [batch = 1, heads = 1, queries = 1, keys = 1] = [...Array<number>(4).fill(1), ...mask.shape].slice(-4);
  if (mask.shape.length > 4 || (heads !== 1 && heads !== q[1])) {
    throw new GraphError(`the mask ${describeType(mask)} does not broadcast to [batch, heads, queries, keys]`);
  }
  return reshape(mask, heads === 1 ? [batch, 1, 1, queries, keys] : [batch, kvHeads, heads / kvHeads, queries, keys]);
}

/** Attention weights [B, KV, G·t, s]; the softmax is float32 whatever the operands are. */
function weights(block: Block, scale: number): Float {
  const { from, q, k, mask } = block;
  const [queries, keys] = [sizeOf(q, 2), sizeOf(k, 2)];
  // float16 is scaled before the product, which could overflow otherwise; float32 after it, where runtimes fuse the factor.
  const factors = q.dtype === 'float16' ? multiply(grouped(q, block), scale) : grouped(q, block);
  const product = matmul(factors, k, { transposeB: true });
  const scores = q.dtype === 'float16' ? product : multiply(product, scale); // [B, KV, G·t, s]
  const split = cast(perHead(scores, block), 'float32');
  const rows = (own: Tensor<'float32'>): Float => reshape(cast(softmax(own), q.dtype), scores.shape);
  if (mask !== undefined) {
    // Chosen, not added: where nothing is seen, the sum would keep as much of the score as the precision has room for.
    const seen = groupMask(mask, q.shape, sizeOf(k, 1));
    return rows(where(seen, split, HIDDEN_SCORE));
  }
  const seen = lessEqual(iota([queries, keys], 1), add(iota([queries, keys], 0), from)); // key position ≤ query position
  return rows(add(split, where(seen, constant(0, seen.shape, 'float32'), HIDDEN_SCORE)));
}

/** The gradient of the scores where they were seen, 0 elsewhere; a causal row always sees itself, and hides by weight 0. */
function seenOnly(ds: Float, block: Block): Float {
  if (block.mask === undefined) return ds;
  const seen = groupMask(block.mask, block.q.shape, sizeOf(block.k, 1));
  return reshape(where(seen, perHead(ds, block), 0), ds.shape);
}

export const attentionDefinition: CompositeDefinition<AttentionOptions> = {
  name: 'attention',
  body(inputs, options) {
    const outputs = blocksOf(inputs, options).map(
      (block) => reshape(matmul(weights(block, options.scale), block.v), block.q.shape), // [B, KV, G·t, D] -> [B, H, t, D]
    );
    return concat(outputs, 2);
  },
  // The sum over keys in the softmax gradient equals the row dot of cotangent and output (Dao et al. 2022, B.2).
  gradient({ inputs, output, cotangent, options: { causal, scale } }) {
    const [, k] = floats(inputs, 2);
    const [out, ct] = floats([output, cotangent], 2);
    const dots = sum(multiply(ct, out), [-1]); // [B, H, T, 1]
    const parts = blocksOf(inputs, { causal, scale }).map((block) => {
      const { from, to, q, v } = block;
      const p = weights(block, scale);
      const ctBlock = grouped(slice(ct, 2, from, to), block);
      const dp = matmul(ctBlock, v, { transposeB: true });
      const ds = seenOnly(multiply(p, subtract(dp, grouped(slice(dots, 2, from, to), block))), block);
      return {
        dq: reshape(multiply(matmul(ds, block.k), scale), q.shape),
        dk: multiply(matmul(ds, grouped(q, block), { transposeA: true }), scale),
        dv: matmul(p, ctBlock, { transposeA: true }),
      };
    });
    const padded = (part: Float): Float => pad(part, [0, 0, 0, 0], [0, 0, sizeOf(k, 2) - sizeOf(part, 2), 0]);
    const total = (own: readonly Float[]): Float => own.map(padded).reduceRight((a, b) => add(a, b));
    return [
      concat(
        parts.map(({ dq }) => dq),
        2,
      ),
      total(parts.map(({ dk }) => dk)),
      total(parts.map(({ dv }) => dv)),
    ];
  },
};

/**
 * softmax(q·kᵀ·scale)·v (Vaswani et al. 2017, equation 1) with grouped queries: `q [B, H, T, D]`, `k` and `v` `[B, KV, S, D]`
 * give `[B, H, T, D]`; query head h reads key/value head ⌊h / (H/KV)⌋ (Ainslie et al. 2023). A `mask` broadcasts to `[B, H, T,
 * S]` and is true where a key is seen; a query that sees none gets the mean of all values. Without one, query i sees keys 0…i.
 * Throws `GraphError` for other ranks, heads that do not divide into groups and, without a mask, T ≠ S.
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
