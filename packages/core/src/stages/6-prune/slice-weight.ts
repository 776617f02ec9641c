// Cutting one weight by a plan: from the names of its axes follows which indices stay. Knows neither families nor files.
import { InternalError } from '../../errors.js';
import type { Architecture, HeadMerge, PrunePlan, WeightAxis, WeightSpec } from '../../model/index.js';
import { weightShape } from '../../model/index.js';
import { at } from '../../look-up.js';

/** The kept part of a weight, row-major; `layer` is its place among the kept layers, absent outside them. */
export function sliceWeight(
  values: Float32Array,
  spec: WeightSpec,
  { sizes }: Architecture,
  plan: PrunePlan,
  layer?: number,
): Float32Array {
  const mergeable = layer !== undefined && spec.axes[0] === 'heads·headDim' && plan.mergedHeads !== undefined;
  let sliced = mergeable ? mergeHeads(values, at(plan.mergedHeads, layer), sizes.heads) : values;
  const shape = [...weightShape(spec, sizes)];
  spec.axes.forEach((name, axis) => {
    const kept = keptIndices(name, sizes, plan, layer);
    if (kept === undefined) return;
    sliced = keepAlong(sliced, shape, axis, kept);
    shape[axis] = kept.length;
  });
  return sliced;
}

/** Query projections, whose rows are the heads, before heads are dropped: W of a kept head becomes 2·W − W′ of the dropped one. */
function mergeHeads(values: Float32Array, merges: readonly HeadMerge[], heads: number): Float32Array {
  if (merges.length === 0) return values;
  const size = values.length / heads;
  const merged = Float32Array.from(values);
  for (const { into, from } of merges) {
    const dropped = values.subarray(from * size, (from + 1) * size);
    merged.set(
      dropped.map((own, index) => 2 * values[into * size + index]! - own),
      into * size,
    );
  }
  return merged;
}

/** Kept indices along an axis; `undefined` when it stays whole. */
function keptIndices(
  axis: WeightAxis,
  sizes: Architecture['sizes'],
  plan: PrunePlan,
  layer: number | undefined,
): readonly number[] | undefined {
  const ofLayer = (lists: readonly (readonly number[])[]): readonly number[] => {
    const own = layer === undefined ? undefined : lists[layer];
    if (own === undefined) throw new InternalError(`a weight outside the layers has the axis ${axis}`);
    return own;
  };
  switch (axis) {
    case 'vocab':
    case 'headDim':
      return undefined;
    case 'hidden':
      return unlessWhole(plan.hidden, sizes.hidden);
    case 'ffn':
      return unlessWhole(ofLayer(plan.ffn), sizes.ffn);
    case 'heads·headDim':
      return blocks(unlessWhole(ofLayer(plan.heads), sizes.heads), sizes.headDim);
    case 'kvHeads·headDim':
      return blocks(unlessWhole(ofLayer(plan.kvHeads), sizes.kvHeads), sizes.headDim);
  }
}

function unlessWhole(kept: readonly number[], size: number): readonly number[] | undefined {
  return kept.length === size && kept.every((own, index) => own === index) ? undefined : kept;
}

function blocks(kept: readonly number[] | undefined, size: number): readonly number[] | undefined {
  return kept?.flatMap((own) => Array.from({ length: size }, (_, index) => own * size + index));
}

function keepAlong(
  values: Float32Array,
  shape: readonly number[],
  axis: number,
  kept: readonly number[],
): Float32Array {
  const product = (own: readonly number[]): number => own.reduce((a, b) => a * b, 1);
  const [outer, size, inner] = [product(shape.slice(0, axis)), at(shape, axis), product(shape.slice(axis + 1))];
  const result = new Float32Array(outer * kept.length * inner);
  let to = 0;
  for (let block = 0; block < outer; block++) {
    for (const index of kept) {
      const from = (block * size + index) * inner;
      // A call per element is slow along the last axis, where blocks are single numbers.
      if (inner === 1) result[to] = values[from]!;
      else result.set(values.subarray(from, from + inner), to);
      to += inner;
    }
  }
  return result;
}
