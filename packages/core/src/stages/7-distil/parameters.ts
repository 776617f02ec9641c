// What training changes: the student's weights and, where asked for, the projection between widths and the teacher's weights.
// Every tensor has one name under which all programs and checkpoints find it.
import { state, type Shape, type Tensor, type TensorTypes } from '../../graph/index.js';
import { InputError } from '../../errors.js';
import { weightShape, type ModelShape } from '../../model/index.js';
import { weightTypes } from '../../model/state-weights.js';
import { scalingTypes } from './loss-scaling.js';
import type { Optimizer, TrainedWeight } from './optimizer.js';
import { needsProjection, type TrainStepOptions } from './step-options.js';

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
  readonly weight: TrainedWeight;
  /** Factor of the learning rate, above 0. */
  readonly rate: number;
}

/** Parameters that share a loss, an optimiser and a gradient norm. */
export interface ParameterGroup {
  readonly name: 'student' | 'teacher';
  readonly parameters: readonly Parameter[];
  readonly optimizer: Optimizer;
  readonly clipNorm: number;
  /** Prefix of the inputs that the optimiser's scalars are fed by, at a factor of the learning rate. */
  inputs(rate: number): string;
}

type Unrated = Omit<Parameter, 'rate'>;

function weightParameters({ family, architecture }: ModelShape, rename: (weight: string) => string): Unrated[] {
  return family.weights(architecture).map((spec) => ({
    weight: spec,
    name: rename(spec.name),
    shape: weightShape(spec, architecture.sizes),
    decay: spec.kind === 'matrix' || spec.kind === 'embedding',
  }));
}

function projectionParameters({ student, teacher, losses }: TrainStepOptions): readonly Unrated[] {
  if (teacher === undefined || !needsProjection(student, teacher, losses)) return [];
  const [from, to] = [student.architecture.sizes.hidden, teacher.architecture.sizes.hidden];
  const { projectionWeight: weight, projectionBias: bias } = stateNames;
  return [
    { name: weight, shape: [to, from], decay: true, weight: { name: weight, kind: 'matrix' } },
    { name: bias, shape: [to], decay: false, weight: { name: bias, kind: 'bias' } },
  ];
}

/** A group without the parameters that its optimiser freezes. Throws `InputError` where it freezes all, or says what is no rate. */
function groupOf(
  name: ParameterGroup['name'],
  all: readonly Unrated[],
  { optimizer, clipNorm }: Pick<ParameterGroup, 'optimizer' | 'clipNorm'>,
): ParameterGroup {
  const refused = (found: string): InputError =>
    new InputError({ asked: `train the ${name} by "${optimizer.name}"`, found, fix: 'Correct the optimiser' });
  const { result } = optimizer;
  if (result !== undefined && !optimizer.moments.includes(result))
    throw refused(`its result "${result}" is none of its moments (${optimizer.moments.join(', ')})`);
  const parameters = all.map((own): Parameter => ({ ...own, rate: optimizer.rate?.(own.weight) ?? 1 }));
  const wrong = parameters.find(({ rate }) => !(Number.isFinite(rate) && rate >= 0));
  if (wrong !== undefined) throw refused(`the rate of ${wrong.weight.name} is ${wrong.rate}`);
  const moving = parameters.filter(({ rate }) => rate !== 0);
  if (moving.length === 0) throw refused('it freezes every weight');
  const prefix = name === 'student' ? 'optimizer' : 'teacherOptimizer';
  return {
    name,
    parameters: moving,
    optimizer,
    clipNorm,
    inputs: (rate) => (rate === 1 ? prefix : `${prefix}*${rate}`),
  };
}

/** Names of the states that a training gives as a model's weights, by their names in the checkpoint. */
export function resultNames(options: TrainStepOptions, name: ParameterGroup['name']): (weight: string) => string {
  const { [name]: rename } = stateNames;
  const group = parameterGroups(options).find((own) => own.name === name);
  const moving = new Set(group?.parameters.map((own) => own.name));
  const result = group?.optimizer.result;
  return (weight) => {
    const own = rename(weight);
    return result !== undefined && moving.has(own) ? stateNames.moment(result, own) : own;
  };
}

/** The groups of a training: the student with its projection, and the teacher where it is corrected at the same time. */
export function parameterGroups(options: TrainStepOptions): readonly ParameterGroup[] {
  const { teacher, correction } = options;
  const own = groupOf('student', studentParameters(options), options);
  if (correction === undefined || teacher === undefined) return [own];
  return [own, groupOf('teacher', weightParameters(teacher, stateNames.teacher), correction)];
}

function studentParameters(options: TrainStepOptions): readonly Unrated[] {
  return [...weightParameters(options.student, stateNames.student), ...projectionParameters(options)];
}

/** A parameter as a leaf of a program. */
export function parameterLeaf({ name, shape }: Pick<Parameter, 'name' | 'shape'>): Float {
  return state(name, shape, 'float32');
}

/** Types of what a training run would have to be given back to go on: parameters that change, their moments and, in float16, the loss scaling. */
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
  // Frozen ones are there as well, but no part of a checkpoint.
  const all = studentParameters(options).map(
    ({ name, shape }) => [name, { shape, dtype: 'float32' } as const] as const,
  );
  return {
    ...trained,
    ...Object.fromEntries(all),
    ...(teacher === undefined ? {} : weightTypes(teacher, stateNames.teacher)),
    ...(accumulate ? { ...Object.fromEntries(sums), [stateNames.rows]: { shape: [], dtype: 'float32' } } : {}),
  };
}
