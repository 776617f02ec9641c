// The training step as programs. `trainProgram` is a whole step in one run: teacher forward, student forward, loss,
// gradients, clipping, update. `gradientProgram` and `applyProgram` are the same pieces apart, for gradient accumulation.
import { gradient } from '../../autodiff/index.js';
import {
  add,
  constant,
  divide,
  input,
  maximum,
  minimum,
  multiply,
  program,
  reshape,
  sqrt,
  state,
  sum,
  type Program,
  type Tensor,
  type TensorTypes,
} from '../../graph/index.js';
import { stateWeights, weightLookup, weightTypes, type ModelShape } from '../../model/index.js';
import type { ModelOutputs, WeightedLoss } from './loss-term.js';
import type { Optimizer } from './optimizer.js';

type Float = Tensor<'float32'>;

/** Everything that fixes the training programs. */
export interface TrainStepOptions {
  readonly student: ModelShape;
  /** Needed when a loss term compares with a teacher. */
  readonly teacher?: ModelShape;
  readonly losses: readonly WeightedLoss[];
  readonly optimizer: Optimizer;
  /** Gradients are scaled down to this global L2 norm; 0 turns clipping off. */
  readonly clipNorm: number;
  /** Sequences in a batch. */
  readonly batch: number;
  /** Tokens in a sequence that predict something. */
  readonly length: number;
}

/** Names of states, so that several programs find the same ones. */
export const stateNames = {
  student: (weight: string): string => `student/${weight}`,
  teacher: (weight: string): string => `teacher/${weight}`,
  gradient: (weight: string): string => `gradient/${weight}`,
  moment: (moment: string, weight: string): string => `${moment}/${weight}`,
  /** Sum of the row weights whose gradients are accumulated. */
  rows: 'gradient/rows',
};

interface LossGraph {
  readonly total: Float;
  readonly terms: Readonly<Record<string, Float>>;
  readonly weights: ReadonlyMap<string, Float>;
  readonly rows: Float;
}

function lossGraph(options: TrainStepOptions): LossGraph {
  const { batch, length, losses } = options;
  const ids = input('ids', [batch, length], 'int32');
  const rows = {
    targets: reshape(input('targets', [batch, length], 'int32'), [-1]),
    weights: reshape(input('weights', [batch, length], 'float32'), [-1]),
  };
  const weights = stateWeights(options.student, stateNames.student);
  const outputs = (model: ModelShape, own: ReadonlyMap<string, Float>): ModelOutputs => ({
    logits: model.family.forward(model.architecture, { ids, weight: weightLookup(own) }),
  });
  const student = outputs(options.student, weights);
  const { teacher } = options;
  const teacherOutputs = teacher && outputs(teacher, stateWeights(teacher, stateNames.teacher));
  const terms = losses.map(({ term, weight }) => {
    if (!term.needsTeacher) return { name: term.name, weight, value: term.loss(student, rows) };
    if (teacherOutputs === undefined) throw new RangeError(`loss "${term.name}" needs a teacher`);
    return { name: term.name, weight, value: term.loss(student, teacherOutputs, rows) };
  });
  const total = terms.map(({ value, weight }) => multiply(value, weight)).reduce((a, b) => add(a, b));
  return {
    total,
    terms: Object.fromEntries(terms.map(({ name, value }) => [name, value])),
    weights,
    rows: reshape(sum(rows.weights), []),
  };
}

function updates(
  options: TrainStepOptions,
  weights: ReadonlyMap<string, Float>,
  gradients: ReadonlyMap<string, Float>,
): { readonly next: Record<string, Float>; readonly gradientNorm: Float } {
  const { optimizer, student, clipNorm } = options;
  const gradientNorm = globalNorm([...gradients.values()]);
  const scale =
    clipNorm === 0 ? undefined : minimum(divide(constant(clipNorm, [], 'float32'), add(gradientNorm, 1e-6)), 1);
  const scalars = Object.fromEntries(
    Object.keys(optimizer.scalars(1, 0)).map((name) => [name, input(`optimizer/${name}`, [], 'float32')]),
  );
  const next: Record<string, Float> = {};
  for (const spec of student.family.weights(student.architecture)) {
    const [parameter, raw] = [weights.get(spec.name), gradients.get(spec.name)];
    if (parameter === undefined || raw === undefined) continue;
    const moments = optimizer.moments.map(
      (name) => [name, state(stateNames.moment(name, spec.name), parameter.shape, 'float32')] as const,
    );
    const result = optimizer.update({
      parameter,
      gradient: scale === undefined ? raw : multiply(raw, scale),
      moments: Object.fromEntries(moments),
      scalars,
      decay: spec.kind === 'matrix' || spec.kind === 'embedding',
    });
    next[stateNames.student(spec.name)] = result.parameter;
    for (const [name, value] of Object.entries(result.moments)) next[stateNames.moment(name, spec.name)] = value;
  }
  return { next, gradientNorm };
}

/** √Σ‖g‖² over all gradients; the clip factor is min(1, clipNorm / (norm + 1e-6)) as in PyTorch's clip_grad_norm_. */
function globalNorm(gradients: readonly Float[]): Float {
  const squares = gradients.map((own) => reshape(sum(multiply(own, own)), []));
  return sqrt(squares.reduce((a, b) => add(a, b)));
}

function gradientsOf({ total, weights }: LossGraph): ReadonlyMap<string, Float> {
  const own = gradient(total, [...weights.values()]);
  return new Map([...weights.keys()].map((name, index) => [name, own[index] as Float]));
}

/** One run = one step. Inputs `ids`, `targets`, `weights` `[B, T]` and the optimiser's scalars; outputs `loss`, `gradientNorm` and each term. */
export function trainProgram(options: TrainStepOptions): Program {
  const graph = lossGraph(options);
  const { next, gradientNorm } = updates(options, graph.weights, gradientsOf(graph));
  return program('train', { outputs: { loss: graph.total, gradientNorm, ...prefixed(graph.terms) }, next });
}

/** Adds a micro-batch's gradients, times its rows, to the accumulators. Outputs as `trainProgram`, without the norm. */
export function gradientProgram(options: TrainStepOptions): Program {
  const graph = lossGraph(options);
  const next: Record<string, Float> = {};
  for (const [name, own] of gradientsOf(graph)) {
    const accumulated = state(stateNames.gradient(name), own.shape, 'float32');
    next[stateNames.gradient(name)] = add(accumulated, multiply(own, graph.rows));
  }
  next[stateNames.rows] = add(state(stateNames.rows, [], 'float32'), graph.rows);
  return program('gradients', { outputs: { loss: graph.total, ...prefixed(graph.terms) }, next });
}

/** Updates the parameters by the mean of the accumulated gradients and clears the accumulators. */
export function applyProgram(options: TrainStepOptions): Program {
  const weights = stateWeights(options.student, stateNames.student);
  const rows = state(stateNames.rows, [], 'float32');
  const accumulated = new Map(
    [...weights].map(([name, own]) => [name, state(stateNames.gradient(name), own.shape, 'float32')]),
  );
  const scale = divide(constant(1, [], 'float32'), maximum(rows, 1e-9));
  const mean = new Map([...accumulated].map(([name, own]) => [name, multiply(own, scale)]));
  const { next, gradientNorm } = updates(options, weights, mean);
  for (const [name, own] of accumulated) next[stateNames.gradient(name)] = constant(0, own.shape, 'float32');
  next[stateNames.rows] = constant(0, [], 'float32');
  return program('apply', { outputs: { gradientNorm }, next });
}

function prefixed(terms: Readonly<Record<string, Float>>): Record<string, Float> {
  return Object.fromEntries(Object.entries(terms).map(([name, value]) => [`loss/${name}`, value]));
}

/** Types of every state that training needs: weights of student and teacher, moments and, for the split pair, accumulators. */
export function trainStateTypes(
  options: TrainStepOptions,
  { accumulate }: { readonly accumulate: boolean },
): TensorTypes {
  const student = weightTypes(options.student, (name) => name);
  const renamed = (rename: (weight: string) => string): TensorTypes =>
    Object.fromEntries(Object.entries(student).map(([name, type]) => [rename(name), type]));
  return Object.assign(
    {},
    renamed(stateNames.student),
    options.teacher === undefined ? {} : weightTypes(options.teacher, stateNames.teacher),
    ...options.optimizer.moments.map((moment) => renamed((name) => stateNames.moment(moment, name))),
    accumulate ? { ...renamed(stateNames.gradient), [stateNames.rows]: { shape: [], dtype: 'float32' } } : {},
  ) as TensorTypes;
}
