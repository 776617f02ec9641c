// What training changes: the student's weights and, where asked for, the projection between widths and the teacher's weights.
// Every tensor has one name under which all programs and checkpoints find it.
import { state, type Shape, type Tensor, type TensorTypes } from '../../graph/index.js';
import { weightShape, type ModelShape } from '../../model/index.js';
import { weightTypes } from '../../model/state-weights.js';
import { scalingTypes } from './loss-scaling.js';
import type { Optimizer } from './optimizer.js';
import { isCached, needsProjection, type TrainStepOptions } from './step-options.js';

type Float = Tensor<'float32'>;

/** Names of states. They do not change from version to version: checkpoints hold tensors under them. */
export const stateNames = {
  /** A weight of the student, by its name in the checkpoint. */
  student: (weight: string): string => `student/${weight}`,
  /** A weight of the teacher, by its name in the checkpoint. */
  teacher: (weight: string): string => `teacher/${weight}`,
  /** `[teacher's hidden, student's hidden]` */
  projectionWeight: 'projection/weight',
  /** `[teacher's hidden]` */
  projectionBias: 'projection/bias',
  /** Sum of a parameter's gradients, each times its rows. */
  gradient: (parameter: string): string => `gradient/${parameter}`,
  /** The optimiser's tensor for a parameter. */
  moment: (moment: string, parameter: string): string => `${moment}/${parameter}`,
  /** Sum of the row weights whose gradients are accumulated. */
  rows: 'gradient/rows',
};

/** A tensor that training changes. */
export interface Parameter {
  /** Name of its state. */
  readonly name: string;
  readonly shape: Shape;
  /** Whether weight decay applies. */
  readonly decay: boolean;
}

/** Parameters that share a loss, an optimiser and a gradient norm. */
export interface ParameterGroup {
  readonly name: 'student' | 'teacher';
  readonly parameters: readonly Parameter[];
  readonly optimizer: Optimizer;
  readonly clipNorm: number;
  /** Prefix of the inputs that the optimiser's scalars are fed by. */
  readonly inputs: string;
}

function weightParameters({ family, architecture }: ModelShape, rename: (weight: string) => string): Parameter[] {
  return family.weights(architecture).map((spec) => ({
    name: rename(spec.name),
    shape: weightShape(spec, architecture.sizes),
    decay: spec.kind === 'matrix' || spec.kind === 'embedding',
  }));
}

function projectionParameters({ student, teacher, losses }: TrainStepOptions): readonly Parameter[] {
  if (teacher === undefined || !needsProjection(student, teacher, losses)) return [];
  const [from, to] = [student.architecture.sizes.hidden, teacher.architecture.sizes.hidden];
  return [
    { name: stateNames.projectionWeight, shape: [to, from], decay: true },
    { name: stateNames.projectionBias, shape: [to], decay: false },
  ];
}

/** The groups of a training: the student with its projection, and the teacher where it is corrected at the same time. */
export function parameterGroups(options: TrainStepOptions): readonly ParameterGroup[] {
  const { student, teacher, optimizer, clipNorm, correction } = options;
  const parameters = [...weightParameters(student, stateNames.student), ...projectionParameters(options)];
  const own: ParameterGroup = { name: 'student', parameters, optimizer, clipNorm, inputs: 'optimizer' };
  if (correction === undefined || teacher === undefined || isCached(teacher)) return [own];
  const corrected: ParameterGroup = {
    name: 'teacher',
    parameters: weightParameters(teacher, stateNames.teacher),
    optimizer: correction.optimizer,
    clipNorm: correction.clipNorm,
    inputs: 'teacherOptimizer',
  };
  return [own, corrected];
}

/** A parameter as a leaf of a program. */
export function parameterLeaf({ name, shape }: Parameter): Float {
  return state(name, shape, 'float32');
}

/** Types of what a training run would have to be given back to go on: parameters, moments and, in float16, the loss scaling. */
export function checkpointTypes(options: TrainStepOptions): TensorTypes {
  const entries = parameterGroups(options).flatMap(({ parameters, optimizer }) =>
    parameters.flatMap(({ name, shape }) => {
      const names = [name, ...optimizer.moments.map((moment) => stateNames.moment(moment, name))];
      return names.map((own) => [own, { shape, dtype: 'float32' } as const] as const);
    }),
  );
  return { ...Object.fromEntries(entries), ...(options.precision === 'float16' ? scalingTypes() : {}) };
}

/** Types of every state that training needs: weights of both models, moments and, for the split pair, accumulators. */
export function trainStateTypes(
  options: TrainStepOptions,
  { accumulate }: { readonly accumulate: boolean },
): TensorTypes {
  const { teacher } = options;
  const trained = checkpointTypes(options);
  const parameters = parameterGroups(options).flatMap((group) => group.parameters);
  const sums = parameters.map(
    ({ name, shape }) => [stateNames.gradient(name), { shape, dtype: 'float32' } as const] as const,
  );
  return {
    ...trained,
    ...(teacher === undefined || isCached(teacher) ? {} : weightTypes(teacher, stateNames.teacher)),
    ...(accumulate ? { ...Object.fromEntries(sums), [stateNames.rows]: { shape: [], dtype: 'float32' } } : {}),
  };
}
