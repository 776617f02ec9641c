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
} from '../../graph/index.js';
import { lossGraph, type LossGraph } from './loss-graph.js';
import { parameterGroups, parameterLeaf, stateNames, type Parameter, type ParameterGroup } from './parameters.js';
import type { TrainStepOptions } from './step-options.js';

type Float = Tensor<'float32'>;
type Gradients = ReadonlyMap<Parameter, Float>;

/** Each group's gradients of its own total. */
function gradientsOf({ totals }: LossGraph, { name, parameters }: ParameterGroup): Gradients {
  const total = totals[name];
  if (total === undefined) throw new RangeError(`the ${name} has nothing to minimise`);
  const own = gradient(total, parameters.map(parameterLeaf));
  return new Map(parameters.map((parameter, index) => [parameter, own[index] as Float]));
}

/** √Σ‖g‖² over all gradients; the clip factor is min(1, clipNorm / (norm + 1e-6)) as in PyTorch's clip_grad_norm_. */
function globalNorm(gradients: readonly Float[]): Float {
  const squares = gradients.map((own) => reshape(sum(multiply(own, own)), []));
  return sqrt(squares.reduce((a, b) => add(a, b)));
}

/** The group's next parameters and moments, and the norm of its gradients before clipping. */
function updates(
  { optimizer, clipNorm, inputs }: ParameterGroup,
  gradients: Gradients,
): { readonly next: Record<string, Float>; readonly gradientNorm: Float } {
  const gradientNorm = globalNorm([...gradients.values()]);
  const scale =
    clipNorm === 0 ? undefined : minimum(divide(constant(clipNorm, [], 'float32'), add(gradientNorm, 1e-6)), 1);
  const scalars = Object.fromEntries(
    Object.keys(optimizer.scalars(1, 0)).map((name) => [name, input(`${inputs}/${name}`, [], 'float32')]),
  );
  const next: Record<string, Float> = {};
  for (const [parameter, raw] of gradients) {
    const { name, shape, decay } = parameter;
    const moments = optimizer.moments.map(
      (moment) => [moment, state(stateNames.moment(moment, name), shape, 'float32')] as const,
    );
    const result = optimizer.update({
      parameter: parameterLeaf(parameter),
      gradient: scale === undefined ? raw : multiply(raw, scale),
      moments: Object.fromEntries(moments),
      scalars,
      decay,
    });
    next[name] = result.parameter;
    for (const [moment, value] of Object.entries(result.moments)) next[stateNames.moment(moment, name)] = value;
  }
  return { next, gradientNorm };
}

/** Updates of all groups; only the student's gradient norm is an output that every training has. */
function allUpdates(
  options: TrainStepOptions,
  gradients: (group: ParameterGroup) => Gradients,
): { readonly next: Record<string, Float>; readonly norms: Record<string, Float> } {
  const next: Record<string, Float> = {};
  const norms: Record<string, Float> = {};
  for (const group of parameterGroups(options)) {
    const own = updates(group, gradients(group));
    Object.assign(next, own.next);
    norms[group.name === 'student' ? 'gradientNorm' : 'teacherGradientNorm'] = own.gradientNorm;
  }
  return { next, norms };
}

/** `loss`, `loss/<term>` for each term and, where the teacher learns too, `teacherLoss`. */
function lossOutputs({ totals, terms }: LossGraph): Record<string, Float> {
  const { student, teacher } = totals;
  return {
    ...(student === undefined ? {} : { loss: student }),
    ...(teacher === undefined ? {} : { teacherLoss: teacher }),
    ...Object.fromEntries(Object.entries(terms).map(([name, value]) => [`loss/${name}`, value])),
  };
}

/**
 * One run = one step. Inputs `ids`, `targets`, `weights` `[B, T]`, the optimisers' scalars and, with a cached teacher, what it
 * says (`cacheInputs`); outputs `loss`, `loss/<term>`, `gradientNorm`, and of a teacher that learns too `teacherLoss` and
 * `teacherGradientNorm`.
 */
export function trainProgram(options: TrainStepOptions): Program {
  const graph = lossGraph(options);
  const { next, norms } = allUpdates(options, (group) => gradientsOf(graph, group));
  return program('train', { outputs: { ...lossOutputs(graph), ...norms }, next });
}

/** The losses of a batch over the same state, with nothing learned. Outputs `loss`, `loss/<term>` and `rows`, the sum of the row weights. */
export function lossProgram({ correction: _, ...options }: TrainStepOptions): Program {
  const graph = lossGraph(options);
  return program('losses', { outputs: { ...lossOutputs(graph), rows: graph.rows } });
}

/** Adds a micro-batch's gradients, times its rows, to the accumulators. Outputs as `trainProgram`, without the norms. */
export function gradientProgram(options: TrainStepOptions): Program {
  const graph = lossGraph(options);
  const next: Record<string, Float> = {};
  for (const group of parameterGroups(options)) {
    for (const [{ name, shape }, own] of gradientsOf(graph, group)) {
      const accumulated = state(stateNames.gradient(name), shape, 'float32');
      next[stateNames.gradient(name)] = add(accumulated, multiply(own, graph.rows));
    }
  }
  next[stateNames.rows] = add(state(stateNames.rows, [], 'float32'), graph.rows);
  return program('gradients', { outputs: lossOutputs(graph), next });
}

/** Updates the parameters by the mean of the accumulated gradients and clears the accumulators. Outputs the norms. */
export function applyProgram(options: TrainStepOptions): Program {
  const scale = divide(constant(1, [], 'float32'), maximum(state(stateNames.rows, [], 'float32'), 1e-9));
  const mean = ({ name, shape }: Parameter): Float =>
    multiply(state(stateNames.gradient(name), shape, 'float32'), scale);
  const groups = parameterGroups(options);
  const { next, norms } = allUpdates(
    options,
    ({ parameters }) => new Map(parameters.map((parameter) => [parameter, mean(parameter)])),
  );
  for (const { name, shape } of groups.flatMap(({ parameters }) => parameters)) {
    next[stateNames.gradient(name)] = constant(0, shape, 'float32');
  }
  next[stateNames.rows] = constant(0, [], 'float32');
  return program('apply', { outputs: norms, next });
}
