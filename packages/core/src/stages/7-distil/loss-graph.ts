// The loss of a batch as a graph: the terms over both models' outputs, and their total.
import { InputError } from '../../errors.js';
import { present } from '../../look-up.js';
import { add, cast, input, mixedPrecision, multiply, reshape, sum, type Tensor } from '../../graph/index.js';
import { uniformPairs, type LayerPair } from './layer-mapping.js';
import { scalarLeaves, scalarsOf } from './loss-scalars.js';
import type { SeenChunk } from './chunked-losses.js';
import type { BatchRows, DataLoss, DistillationLoss, LossContext } from './loss-term.js';
import {
  isLayered,
  layerOutputs,
  projection,
  seenModel,
  seenTeacher,
  trainedWeights,
  type SeenModel,
} from './model-outputs.js';
import { stateNames, type ParameterGroup } from './parameters.js';
import type { TrainStepOptions } from './step-options.js';
import { isRowwise, logitChunks, termValues, type OpenTerm } from './term-values.js';

type Float = Tensor<'float32'>;

/** The losses of one batch. */
export interface LossGraph {
  /** What each group of parameters minimises: a scalar for the student and, where it is corrected, one for the teacher. */
  readonly totals: Readonly<Partial<Record<ParameterGroup['name'], Float>>>;
  /** What enters the layers of the model that a total is differentiated in. */
  readonly layerInputs: Readonly<Partial<Record<ParameterGroup['name'], readonly Float[]>>>;
  /** The value of every term of the student, a scalar, by its name; a second one of a name has a number. */
  readonly terms: Readonly<Record<string, Float>>;
  /** Sum of the row weights, a scalar: how many predictions count. */
  readonly rows: Float;
}

/** Builds it over the inputs `ids`, `targets`, `weights` `[B, T]`, and `documents` where attention stays within them. Throws `InputError` for losses that do not fit together. Without `learn` the totals are not to be differentiated. */
export function lossGraph(
  options: TrainStepOptions,
  studentNames: (weight: string) => string = stateNames.student,
  learn = true,
): LossGraph {
  const { batch, length, losses, balancer, correction } = options;
  const ids = input('ids', [batch, length], 'int32');
  const apart = options.crossDocumentAttention === false;
  const text = { ids, ...(apart ? { documents: input('documents', [batch, length], 'int32') } : {}) };
  const rows: BatchRows = {
    targets: reshape(input('targets', [batch, length], 'int32'), [-1]),
    weights: reshape(input('weights', [batch, length], 'float32'), [-1]),
    batch,
    length,
  };
  const student = seenModel(options.student, trainedWeights(options.student, studentNames), text);
  const teacher = seenTeacher(options, text);
  const shapes = {
    student: options.student.architecture,
    ...(options.teacher === undefined ? {} : { teacher: options.teacher.architecture }),
  };
  const own = losses.map(({ term, weight }, index): OpenTerm => {
    const context = { ...shapes, scalars: scalarLeaves(scalarsOf.loss(index), term) };
    const earlier = losses.slice(0, index).filter((other) => other.term.name === term.name).length;
    const name = earlier === 0 ? term.name : `${term.name} ${earlier + 1}`;
    if (!term.needsTeacher) return { name, weight, ...dataTerm(term, student, rows, context) };
    if (teacher === undefined) throw new RangeError(`loss "${term.name}" needs a teacher`);
    const both = { student, teacher, rows, context };
    return {
      name,
      weight,
      group: (term.needs ?? []).length === 0 ? 'logits' : 'states',
      leaves: Object.values(context.scalars),
      whole: () => overPairs(term, both, options),
      ...(isRowwise(term) && { ofChunk: (seen) => overPairs(term, ofChunk(both, seen), options) }),
    };
  });
  const vocabulary = Math.max(...[student, teacher].map((seen) => seen?.architecture.sizes.vocab ?? 0));
  const place = { rows, chunks: logitChunks(options, vocabulary), learn };
  const { values, total: weighted } = termValues(own, {
    ...place,
    student: student.output,
    teacher: teacher?.output,
    apart: balancer !== undefined,
  });
  const total = balancer?.total(values, { ...shapes, scalars: scalarLeaves(scalarsOf.balancer, balancer) }) ?? weighted;
  const teacherTotal =
    correction === undefined || teacher === undefined
      ? undefined
      : termValues(
          correction.losses.map(({ term, weight }, index): OpenTerm => {
            const scalars = scalarLeaves(scalarsOf.teacherLoss(index), term);
            return {
              name: term.name,
              weight,
              ...dataTerm(term, teacher, rows, { student: teacher.architecture, scalars }),
            };
          }),
          { ...place, student: teacher.output, apart: false },
        ).total;
  const graph: LossGraph = {
    totals: {
      student: required(total, 'train'),
      ...(correction === undefined ? {} : { teacher: required(teacherTotal, 'correct the teacher') }),
    },
    layerInputs: { student: student.layerInputs, ...(teacher && { teacher: teacher.layerInputs }) },
    terms: Object.fromEntries(values.map(({ name, value }) => [name, value])),
    rows: reshape(sum(rows.weights), []),
  };
  return options.precision === 'float16' ? halved(graph) : graph;
}

/** The same losses with their products in float16. */
function halved({ totals, layerInputs, terms, rows }: LossGraph): LossGraph {
  const mixed = mixedPrecision([...Object.values(totals), ...Object.values(terms)]);
  const own = (values: Readonly<Record<string, Float>>): Record<string, Float> =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, cast(mixed.get(value) ?? value, 'float32')]),
    );
  const inputs = (values: readonly Float[] = []): Float[] => values.map((x) => cast(mixed.get(x) ?? x, 'float32'));
  return {
    totals: own(totals),
    layerInputs: { student: inputs(layerInputs.student), teacher: inputs(layerInputs.teacher) },
    terms: own(terms),
    rows,
  };
}

function dataTerm(
  term: DataLoss,
  seen: SeenModel,
  rows: BatchRows,
  context: LossContext,
): Omit<OpenTerm, 'name' | 'weight'> {
  return {
    group: 'data',
    leaves: Object.values(context.scalars),
    whole: () => term.loss(seen, rows, context),
    ...(isRowwise(term) && { ofChunk: (own) => term.loss({ logits: own.student }, own.rows, context) }),
  };
}

/** What is compared, of some rows. */
function ofChunk(both: Compared, { student, teacher, rows }: SeenChunk): Compared {
  return {
    ...both,
    student: { ...both.student, logits: student },
    teacher: { ...both.teacher, logits: present(teacher, "the teacher's logits") },
    rows,
  };
}

function required(total: Float | undefined, asked: string): Float {
  if (total !== undefined) return total;
  throw new InputError({ asked, found: 'there is no loss term', fix: 'Give at least one' });
}

interface Compared {
  readonly student: SeenModel;
  readonly teacher: SeenModel;
  readonly rows: BatchRows;
  readonly context: LossContext;
}

/** The term's mean over all pairs of layers; a term that looks at no layer is applied once. */
function overPairs(
  term: DistillationLoss,
  { student, teacher, rows, context }: Compared,
  options: TrainStepOptions,
): Float {
  const pairs = (term.needs ?? []).some(isLayered) ? layerPairs(options) : [{ student: 0, teacher: 0 }];
  const vocabulary = Math.min(student.architecture.sizes.vocab, teacher.architecture.sizes.vocab);
  const project = projection(options);
  const values = pairs.map((pair) =>
    term.loss(
      layerOutputs(student, pair.student, term, vocabulary, project),
      layerOutputs(teacher, pair.teacher, term, vocabulary),
      rows,
      context,
    ),
  );
  const total = required(
    values.reduce<Float | undefined>((a, b) => (a === undefined ? b : add(a, b)), undefined),
    `use loss "${term.name}" over pairs of layers`,
  );
  return values.length === 1 ? total : multiply(total, 1 / values.length);
}

/** The pairs that the mapping gives for these two models. */
export function layerPairs({ student, teacher, mapping }: TrainStepOptions): readonly LayerPair[] {
  const own = student.architecture.layers;
  const other = teacher?.architecture.layers ?? own;
  return mapping === undefined ? uniformPairs(own, other) : mapping.pairs(own, other);
}
