// Cutting one weight by a plan: from the names of its axes follows which rows and columns stay. Knows neither families nor files.
import type { StoredTensor } from '../../backend/index.js';
import { InternalError } from '../../errors.js';
import { storageSizes } from '../../formats/index.js';
import type { Architecture, HeadMerge, PrunePlan, WeightAxis, WeightSpec } from '../../model/index.js';
import { weightShape } from '../../model/index.js';
import { PART } from '../../model/weight-parts.js';
import { at } from '../../look-up.js';

/** What stays of a weight; a vector is a weight of one column. */
export interface WeightCut {
  /** Kept rows, in the order they will have; all when absent. */
  readonly rows?: Int32Array;
  /** Kept columns, likewise. */
  readonly columns?: Int32Array;
  /** Columns of the weight before. */
  readonly width: number;
  /** Rows and columns that stay. */
  readonly kept: readonly [height: number, width: number];
  /** Rows of which twice their value less that of another row stays (W of a kept head becomes 2·W − W′ of the dropped one): that row. */
  readonly less: ReadonlyMap<number, number>;
}

/** Elements `begin` up to `end` of a weight before it is cut. */
type Part = (begin: number, end: number) => Promise<Float32Array>;

/** What a plan keeps of a weight; `layer` is its place among the kept layers, absent outside them. */
export function weightCut(spec: WeightSpec, { sizes }: Architecture, plan: PrunePlan, layer?: number): WeightCut {
  const [height = 1, width = 1] = weightShape(spec, sizes);
  const [first, second] = spec.axes.map((axis) => keptIndices(axis, sizes, plan, layer));
  const mergeable = layer !== undefined && spec.axes[0] === 'heads·headDim' && plan.mergedHeads !== undefined;
  return {
    ...(first && { rows: first }),
    ...(second && { columns: second }),
    width,
    kept: [first?.length ?? height, second?.length ?? width],
    less: mergeable ? mergedRows(at(plan.mergedHeads, layer), sizes.headDim) : new Map(),
  };
}

/**
 * Elements `begin` up to `end` of the cut weight, row-major. Of the weight before, stretches of rows are read from which several are
 * taken, at most 4 MiB each where no row is longer.
 */
export async function cutRange(cut: WeightCut, part: Part, begin: number, end: number): Promise<Float32Array> {
  const { width, less } = cut;
  const [, kept] = cut.kept;
  const [first, last] = [Math.floor(begin / kept), Math.ceil(end / kept)];
  const result = new Float32Array((last - first) * kept);
  for (let row = first; row < last;) {
    const stretch = stretchFrom(cut, row, last);
    const values = await part(stretch.low * width, stretch.high * width);
    for (; row < stretch.end; row++) {
      const source = sourceRow(cut, row);
      const own = values.subarray((source - stretch.low) * width, (source - stretch.low + 1) * width);
      const minus = less.get(source);
      const other = minus === undefined ? undefined : await part(minus * width, (minus + 1) * width);
      keepColumns(own, other, cut.columns, result.subarray((row - first) * kept, (row - first + 1) * kept));
    }
  }
  return result.subarray(begin - first * kept, end - first * kept);
}

/** Where the cut weight lies within the one before, if as whole rows that follow one another. */
export function storedCut(
  { rows, columns, width, kept, less }: WeightCut,
  before: StoredTensor,
): StoredTensor | undefined {
  const first = rows?.[0] ?? 0;
  const apart = rows?.some((row, index) => row !== first + index) === true;
  if (apart || columns !== undefined || less.size > 0) return undefined;
  const row = width * storageSizes[before.type];
  return { ...before, offset: before.offset + first * row, bytes: kept[0] * row };
}

function sourceRow({ rows }: WeightCut, row: number): number {
  return rows === undefined ? row : at(rows, row);
}

/** Rows from a kept one on whose sources lie near each other: the place after the last, and between which sources they are. */
function stretchFrom(
  cut: WeightCut,
  row: number,
  last: number,
): { readonly end: number; readonly low: number; readonly high: number } {
  let end = row + 1;
  let [low, high] = [sourceRow(cut, row), sourceRow(cut, row) + 1];
  for (; end < last; end++) {
    const source = sourceRow(cut, end);
    const [below, above] = [Math.min(low, source), Math.max(high, source + 1)];
    if ((above - below) * cut.width > PART) break;
    [low, high] = [below, above];
  }
  return { end, low, high };
}

/** Twice the row less another where there is one, in float64 until it is kept. */
function keepColumns(
  row: Float32Array,
  less: Float32Array | undefined,
  columns: Int32Array | undefined,
  to: Float32Array,
): void {
  if (columns === undefined && less === undefined) to.set(row);
  else if (less === undefined) for (let i = 0; i < to.length; i++) to[i] = row[columns?.[i] ?? i]!;
  else for (let i = 0; i < to.length; i++) to[i] = 2 * row[columns?.[i] ?? i]! - less[columns?.[i] ?? i]!;
}

/** Rows of a query projection, whose blocks are the heads, by those that are taken from them. */
function mergedRows(merges: readonly HeadMerge[], headDim: number): ReadonlyMap<number, number> {
  return new Map(
    merges.flatMap(({ into, from }) =>
      Array.from({ length: headDim }, (_, row) => [into * headDim + row, from * headDim + row] as const),
    ),
  );
}

/** Kept indices along an axis; `undefined` when it stays whole. */
function keptIndices(
  axis: WeightAxis,
  sizes: Architecture['sizes'],
  plan: PrunePlan,
  layer: number | undefined,
): Int32Array | undefined {
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
      return unlessWhole(blocks(ofLayer(plan.heads), sizes.headDim), sizes.heads * sizes.headDim);
    case 'kvHeads·headDim':
      return unlessWhole(blocks(ofLayer(plan.kvHeads), sizes.headDim), sizes.kvHeads * sizes.headDim);
  }
}

function blocks(kept: readonly number[], size: number): readonly number[] {
  return kept.flatMap((own) => Array.from({ length: size }, (_, index) => own * size + index));
}

function unlessWhole(kept: readonly number[], size: number): Int32Array | undefined {
  return kept.length === size && kept.every((own, index) => own === index) ? undefined : Int32Array.from(kept);
}
