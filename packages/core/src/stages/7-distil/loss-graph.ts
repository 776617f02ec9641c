// The loss of a batch as a graph: the terms over both models' outputs, and their total.
import { InputError } from '../../errors.js';
import {
  add,
  cast,
  describeType,
  elementCount,
  input,
  mixedPrecision,
  multiply,
  reshape,
  sum,
  type Tensor,
} from '../../graph/index.js';
import { uniformPairs, type LayerPair } from './layer-mapping.js';
import { weightedSum, type TermValue } from './loss-balancer.js';
import { scalarLeaves, scalarsOf } from './loss-scalars.js';
import type { BatchRows, DistillationLoss, LossContext } from './loss-term.js';
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

/** Builds it over the inputs `ids`, `targets`, `weights` `[B, T]`, and `documents` where attention stays within them. Throws `InputError` for losses that do not fit together. */
export function lossGraph(
  options: TrainStepOptions,
  studentNames: (weight: string) => string = stateNames.student,
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
  const values = losses.map(({ term, weight }, index): TermValue => {
    const context = { ...shapes, scalars: scalarLeaves(scalarsOf.loss(index), term) };
    const earlier = losses.slice(0, index).filter((own) => own.term.name === term.name).length;
    const name = earlier === 0 ? term.name : `${term.name} ${earlier + 1}`;
    if (!term.needsTeacher)
      return { name, weight, group: 'data', value: scalarOf(name, () => term.loss(student, rows, context)) };
    if (teacher === undefined) throw new RangeError(`loss "${term.name}" needs a teacher`);
    const group = (term.needs ?? []).length === 0 ? 'logits' : 'states';
    return {
      name,
      weight,
      group,
      value: scalarOf(name, () => overPairs(term, { student, teacher, rows, context }, options)),
    };
  });
  const total =
    balancer === undefined
      ? weightedSum(values)
      : balancer.total(values, { ...shapes, scalars: scalarLeaves(scalarsOf.balancer, balancer) });
  const teacherTotal =
    correction === undefined || teacher === undefined
      ? undefined
      : weightedSum(
          correction.losses.map(({ term, weight }, index) => ({
            name: term.name,
            weight,
            group: 'data',
            value: scalarOf(term.name, () =>
              term.loss(teacher, rows, {
                student: teacher.architecture,
                scalars: scalarLeaves(scalarsOf.teacherLoss(index), term),
              }),
            ),
          })),
        );
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

/** A term's value. Throws `InputError`, naming the term, for an exception of its own and for what is not one number. */
function scalarOf(name: string, make: () => Float): Float {
  const refused = (found: string, cause?: unknown): InputError =>
    new InputError({ asked: `use loss "${name}"`, found, fix: 'Correct the loss term' }, { cause });
  let value: Float;
  try {
    value = make();
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw refused(cause instanceof Error ? cause.message : String(cause), cause);
  }
  if (elementCount(value.shape) === 1) return value;
  throw refused(`it gives ${describeType(value)}, and must give one float32 number (rowMean takes the mean over rows)`);
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
