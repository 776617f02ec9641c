// Losses over logits that are never whole: the output layers of student and teacher, the losses, and where something is learned their
// gradients, over some rows of a batch at a time (as Hsu et al. 2024, "Liger Kernel", do it for cross-entropy). A chunk begins when
// the one before it has become losses and gradients, whatever order a runtime prefers.
import { gradient } from '../../autodiff/index.js';
import {
  add,
  applyComposite,
  barrier,
  concat,
  divide,
  input,
  isFloatTensor,
  maximum,
  multiply,
  matmul,
  reshape,
  rewrite,
  slice,
  stopGradient,
  sum,
  type CompositeDefinition,
  type Tensor,
} from '../../graph/index.js';
import { InternalError } from '../../errors.js';
import { at } from '../../look-up.js';
import type { BatchRows } from './loss-term.js';

type Float = Tensor<'float32'>;

/** A layer that gives logits: `hidden [N, C]` times `weight [V, C]` transposed. */
export interface OutputLayer {
  readonly hidden: Float;
  readonly weight: Float;
}

/** Some rows of a batch. */
export interface Chunk {
  readonly from: number;
  readonly to: number;
  /** Sequences, or parts of one … */
  readonly batch: number;
  /** … of so many tokens. */
  readonly length: number;
}

/** What a term sees of a chunk: logits `[rows, V]` of the models, and the rows. */
export interface SeenChunk {
  readonly student: Float;
  readonly teacher: Float | undefined;
  readonly rows: BatchRows;
}

/** Losses of a batch in chunks. */
export interface ChunkedOptions {
  readonly student: OutputLayer;
  readonly teacher?: OutputLayer | undefined;
  readonly rows: BatchRows;
  readonly chunks: readonly Chunk[];
  /** Gives each term's value over a chunk: a mean over the weights of its rows. */
  readonly values: (seen: SeenChunk) => readonly Float[];
  /** Leaves that the values read besides. */
  readonly leaves: readonly Tensor[];
  /** Sums of terms that are differentiated as one. */
  readonly groups: readonly (readonly { readonly term: number; readonly weight: number }[])[];
  /** Whether the groups are differentiated. */
  readonly learn: boolean;
}

/** What comes of them. */
export interface ChunkedLosses {
  /** Each term over all rows, a scalar; not to be differentiated. */
  readonly values: readonly Float[];
  /** Each group, a scalar whose gradient flows to the student's hidden rows and output weight. */
  readonly groups: readonly Float[];
}

/** Whole sequences while `rows` rows hold one, else equal parts of each. */
export function rowChunks({ batch, length }: Pick<BatchRows, 'batch' | 'length'>, rows: number): readonly Chunk[] {
  if (rows >= length) {
    const most = Math.floor(rows / length);
    const count = Math.ceil(batch / most);
    return parts(batch, count).map(([from, to]) => {
      return { from: from * length, to: to * length, batch: to - from, length };
    });
  }
  const cut = parts(length, Math.ceil(length / Math.max(1, rows)));
  return Array.from({ length: batch }, (_, sequence) =>
    cut.map(([from, to]) => {
      return { from: sequence * length + from, to: sequence * length + to, batch: 1, length: to - from };
    }),
  ).flat();
}

function parts(size: number, count: number): readonly (readonly [from: number, to: number])[] {
  const cut = (index: number): number => Math.floor((index * size) / count);
  return Array.from({ length: count }, (_, index) => [cut(index), cut(index + 1)] as const);
}

/** Builds them. A term's weighted mean over all rows is that of the whole batch, as its chunks count by the weight of their rows. */
export function chunkedLosses(options: ChunkedOptions): ChunkedLosses {
  const { student, teacher, rows, leaves } = options;
  const operands = [
    student.hidden,
    student.weight,
    ...(teacher === undefined ? [] : [teacher.hidden, teacher.weight]),
    rows.targets,
    rows.weights,
    ...leaves,
  ];
  // Over leaves of its own, for nothing to be differentiated past them.
  const own = <D extends Tensor['dtype']>(x: Tensor<D>, name: string): Tensor<D> => input(name, x.shape, x.dtype);
  const layer = (of: OutputLayer, name: string): OutputLayer => {
    return { hidden: own(of.hidden, `${name} hidden`), weight: own(of.weight, `${name} weight`) };
  };
  const [inner, taught] = [layer(student, 'student'), teacher && layer(teacher, 'teacher')];
  const seen = { ...rows, targets: own(rows.targets, 'targets'), weights: own(rows.weights, 'weights') };
  const places: readonly Tensor[] = [
    inner.hidden,
    inner.weight,
    ...(taught === undefined ? [] : [taught.hidden, taught.weight]),
    seen.targets,
    seen.weights,
    ...leaves,
  ];
  const loop = overChunks({ ...options, student: inner, teacher: taught, rows: seen });
  const definition = (index: number): CompositeDefinition<undefined> => ({
    name: 'chunkedLoss',
    body: (inputs) => at(placed(at(loop.groups, index).value, places, inputs), 0),
    gradient({ inputs, cotangent }) {
      const [ct] = [cotangent].filter(isFloatTensor);
      if (ct === undefined) throw new InternalError('the cotangent of a loss is not float');
      return placed(at(loop.groups, index).gradients, places, inputs)
        .filter(isFloatTensor)
        .map((value) => multiply(value, ct));
    },
  });
  return {
    values: floats(placed(loop.values, places, operands)),
    groups: loop.groups.map((_, index) => applyComposite(definition(index), operands, undefined)),
  };
}

/** The same with other tensors in the places of leaves. */
function placed(
  results: Tensor | readonly Tensor[],
  places: readonly Tensor[],
  operands: readonly Tensor[],
): readonly Tensor[] {
  const by = new Map(places.map((place, index) => [place, at(operands, index)]));
  const roots = 'op' in results ? [results] : results;
  const replaced = rewrite(roots, (node, original) => by.get(original) ?? node);
  return roots.map((node) => replaced.get(node) ?? node);
}

function floats(tensors: readonly Tensor[]): readonly Float[] {
  return tensors.filter((own): own is Float => own.dtype === 'float32');
}

interface Loop {
  readonly values: readonly Float[];
  readonly groups: readonly {
    readonly value: Float;
    /** With respect to the hidden rows and the output weight; none where nothing is learned. */
    readonly gradients: readonly Float[];
  }[];
}

function overChunks({ student, teacher, rows, chunks, values, groups, learn }: ChunkedOptions): Loop {
  const total = maximum(sum(stopGradient(rows.weights)), 1e-9);
  const hidden = groups.map((): Float[] => []);
  let sums: readonly Float[] = [];
  let weights: readonly Float[] = [];
  let done: readonly Tensor[] = [];
  for (const { from, to, batch, length } of chunks) {
    const after = done;
    const begin = <D extends Tensor['dtype']>(all: Tensor<D>): Tensor<D> => {
      const cut = slice(all, 0, from, to);
      return after.length === 0 ? cut : barrier(cut, after);
    };
    const own: BatchRows = { targets: begin(rows.targets), weights: begin(rows.weights), batch, length };
    const share = reshape(divide(sum(own.weights), total), []);
    // Leaves again: what is differentiated with respect to.
    const x = input('rows', [to - from, at(student.hidden.shape, 1)], 'float32');
    const w = input('weight', student.weight.shape, 'float32');
    const logits = (a: Float, b: Float): Float => matmul(a, b, { transposeB: true }); // [rows, C] -> [rows, V]
    const scaled = values({
      student: logits(x, w),
      teacher: teacher && logits(begin(teacher.hidden), teacher.weight),
      rows: own,
    }).map((value) => multiply(reshape(value, []), share));
    const grouped = groups.map((group) =>
      group.map(({ term, weight }) => multiply(at(scaled, term), weight)).reduce((a, b) => add(a, b)),
    );
    const slopes = learn ? grouped.flatMap((value) => gradient(value, [x, w])) : [];
    const made = floats(placed([...scaled, ...slopes], [x, w], [begin(student.hidden), student.weight]));
    const [terms, gradients] = [made.slice(0, scaled.length), made.slice(scaled.length)];
    sums = terms.map((value, term) => (sums.length === 0 ? value : add(at(sums, term), value)));
    for (const [group, list] of hidden.entries()) if (learn) list.push(at(gradients, 2 * group));
    const added = gradients.filter((_, index) => index % 2 === 1);
    weights = added.map((value, group) => (weights.length === 0 ? value : add(at(weights, group), value)));
    done = [...sums, ...hidden.flatMap((list) => list.slice(-1)), ...weights];
  }
  return {
    values: sums,
    groups: groups.map((group, index) => ({
      value: group.map(({ term, weight }) => multiply(at(sums, term), weight)).reduce((a, b) => add(a, b)),
      gradients: learn ? [concat(at(hidden, index), 0), at(weights, index)] : [],
    })),
  };
}
