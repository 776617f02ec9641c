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

/** Tokens of a prompt that are read at once. Fewer to a segment mean fewer bytes to copy at a step, but more programs to compile. */
export const CHUNK = 64;
const MOST_SEGMENTS = 8;

/** Equal segments of whole chunks that cover a capacity; the last may be shorter. */
export function segmentsOf(capacity: number): readonly Segment[] {
  const size = CHUNK * Math.max(1, Math.ceil(capacity / (CHUNK * MOST_SEGMENTS)));
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
 * Attention of T new tokens per sequence over the segments up to `current`, in which all of them lie; `position` is that of the first.
 * The segment's new keys and values are written into `next`.
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
  // [T, S] of the current segment; all of the earlier ones is seen.
  const seen = (tokens: number): Tensor<'bool'> =>
    lessEqual(iota([tokens, size], 1), add(iota([tokens, size], 0), slot));
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
    const [batch, heads, tokens, width] = sizes4(queries);
    const kvHeads = at(keys.shape, 1);
    const group = heads / kvHeads;
    const grouped = reshape(multiply(queries, scale), [batch, kvHeads, group * tokens, width]); // [B, H, T, D] -> [B, KV, G·T, D]
    const scores = parts('keys', layer, keys).map((own) => matmul(grouped, own, { transposeB: true })); // [B, KV, G·T, S]
    const masked = scores.map((own, index) => {
      if (index !== current) return own;
      const split = reshape(own, [batch, kvHeads, group, tokens, size]);
      return reshape(where(seen(tokens), split, -1e9), own.shape);
    });
    const weights = softmax(concat(masked, -1));
    const sums = parts('values', layer, values).map((own, index) => {
      const { start: from, size: count } = at(segments, index);
      return matmul(slice(weights, -1, from, from + count), own); // [B, KV, G·T, D]
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
