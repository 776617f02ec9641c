// Keys and values of earlier tokens, kept as states. They are cut into segments along time: a step replaces only the segment
// that its token falls into, so that the rest of the cache is read and never copied.
import {
  add,
  concat,
  dynamicUpdateSlice,
  iota,
  lessEqual,
  matmul,
  multiply,
  reshape,
  slice,
  softmax,
  state,
  subtract,
  where,
  type Tensor,
  type TensorTypes,
} from '../graph/index.js';
import { hasPart, type Architecture } from '../model/index.js';
import type { Attend } from '../model/decoder.js';
import { at } from '../look-up.js';

type Float = Tensor<'float32'>;

/** Positions `start … start + size − 1`. */
export interface Segment {
  readonly start: number;
  readonly size: number;
}

/** Fewer tokens to a segment mean fewer bytes to copy at a step, but more programs to compile. */
const TOKENS = 64;
const MOST_SEGMENTS = 8;

/** Equal segments that cover a capacity; the last may be shorter. */
export function segmentsOf(capacity: number): readonly Segment[] {
  const size = Math.max(TOKENS, Math.ceil(capacity / MOST_SEGMENTS));
  return Array.from({ length: Math.ceil(capacity / size) }, (_, index) => {
    const start = index * size;
    return { start, size: Math.min(size, capacity - start) };
  });
}

type Part = 'keys' | 'values';

/** Name of a cache state: `[B, KV, segment size, D]`. */
export function cacheName(part: Part, layer: number, segment: number): string {
  return `cache/${part}.${layer}.${segment}`;
}

/** Types of all cache states. */
export function cacheTypes(architecture: Architecture, batch: number, segments: readonly Segment[]): TensorTypes {
  const { layers, sizes } = architecture;
  const types: Record<string, TensorTypes[string]> = {};
  for (let layer = 0; layer < layers; layer++) {
    if (!hasPart(architecture, 'attention', layer)) continue;
    segments.forEach(({ size }, index) => {
      const type = { shape: [batch, sizes.kvHeads, size, sizes.headDim], dtype: 'float32' } as const;
      types[cacheName('keys', layer, index)] = type;
      types[cacheName('values', layer, index)] = type;
    });
  }
  return types;
}

/**
 * Attention of one new token per sequence over the segments up to `current`, in which its position lies. The segment's new
 * keys and values are written into `next`.
 */
export function cachedAttention(
  segments: readonly Segment[],
  current: number,
  position: Tensor<'int32'>,
  next: Record<string, Tensor>,
): Attend {
  const open = segments.slice(0, current + 1);
  const { start, size } = at(segments, current);
  const slot = subtract(position, start);
  const seen = lessEqual(iota([1, size], 1), slot); // [1, S] of the current segment; all of the earlier ones is seen
  const parts = (part: Part, layer: number, fresh: Float): readonly Float[] => {
    const [batch, heads, , width] = sizes4(fresh);
    const kept = open.map((own, index) =>
      state(cacheName(part, layer, index), [batch, heads, own.size, width], 'float32'),
    );
    const last = kept.at(-1);
    if (last === undefined) return [fresh];
    const updated = dynamicUpdateSlice(last, fresh, 2, slot);
    next[cacheName(part, layer, current)] = updated;
    return [...kept.slice(0, -1), updated];
  };
  return (layer, queries, keys, values, scale) => {
    const [batch, heads, , width] = sizes4(queries);
    const kvHeads = at(keys.shape, 1);
    const grouped = reshape(multiply(queries, scale), [batch, kvHeads, heads / kvHeads, width]); // [B, H, 1, D] -> [B, KV, G, D]
    const scores = parts('keys', layer, keys).map((own) => matmul(grouped, own, { transposeB: true })); // [B, KV, G, S]
    const masked = scores.map((own, index) => (index === current ? where(seen, own, -1e9) : own));
    const weights = softmax(concat(masked, -1));
    const sums = parts('values', layer, values).map((own, index) => {
      const { start: from, size: count } = at(segments, index);
      return matmul(slice(weights, -1, from, from + count), own); // [B, KV, G, D]
    });
    return reshape(
      sums.reduce((a, b) => add(a, b)),
      queries.shape,
    );
  };
}

/** The four sizes of queries, keys or values. */
function sizes4({ shape }: Float): readonly [number, number, number, number] {
  return [at(shape, 0), at(shape, 1), at(shape, 2), at(shape, 3)];
}
