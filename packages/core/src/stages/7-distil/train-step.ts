// The training step as programs. `trainProgram` is a whole step in one run: teacher forward, student forward, loss,
// gradients, clipping, update. `gradientProgram` and `applyProgram` are the same pieces apart, for gradient accumulation.
import { gradient } from '../../autodiff/index.js';
import {
  add,
  constant,
  divide,
  input,
  less,
  maximum,
  minimum,
  multiply,
  program,
  reshape,
  sqrt,
  state,
  sum,
  where,
  type Program,
  type Tensor,
} from '../../graph/index.js';
import { InputError } from '../../errors.js';
import { lossGraph, type LossGraph } from './loss-graph.js';
import { allFinite, presentScale, scaled } from './loss-scaling.js';
import type { Optimizer } from './optimizer.js';
import {
  parameterGroups,
  parameterLeaf,
  resultNames,
  stateNames,
  type Parameter,
  type ParameterGroup,
} from './parameters.js';
import type { TrainStepOptions } from './step-options.js';

type Float = Tensor<'float32'>;
type Gradients = ReadonlyMap<Parameter, Float>;

/** Each group's gradients of its own total; in float16 they are computed of a scaled loss, and scaled back here. */
function gradientsOf(
  { totals, layerInputs }: LossGraph,
  { name, parameters }: ParameterGroup,
  { precision, recompute = false }: TrainStepOptions,
): Gradients {
  const total = totals[name];
  if (total === undefined) throw new RangeError(`the ${name} has nothing to minimise`);
  const scaling = precision === 'float16' ? presentScale() : undefined;
  const minimised = scaling === undefined ? total : multiply(total, scaling.scale);
  const saved = recompute ? layerInputs[name] : undefined;
  const own = gradient(minimised, parameters.map(parameterLeaf), saved && { recompute: saved }) as readonly Float[];
  const plain = scaling === undefined ? own : own.map((value) => multiply(value, scaling.inverse));
  return new Map(parameters.map((parameter, index) => [parameter, plain[index] as Float]));
}

/** √Σ‖g‖² over all gradients; the clip factor is min(1, clipNorm / (norm + 1e-6)) as in PyTorch's clip_grad_norm_. */
function globalNorm(gradients: readonly Float[]): Float {
  const squares = gradients.map((own) => sum(multiply(own, own)));
  return sqrt(
    reshape(
      squares.reduce((a, b) => add(a, b)),
      [],
    ),
  );
}

/** The group's next parameters and moments; where `finite` is false, the present ones. */
function updates(
  { optimizer, clipNorm, inputs }: ParameterGroup,
  gradients: Gradients,
  gradientNorm: Float,
  finite: Tensor<'bool'> | undefined,
): Record<string, Float> {
  const scale =
    clipNorm === 0 ? undefined : minimum(divide(constant(clipNorm, [], 'float32'), add(gradientNorm, 1e-6)), 1);
  const names = Object.keys(optimizer.scalars(1, 0));
  const scalars = (rate: number): Readonly<Record<string, Float>> =>
    Object.fromEntries(names.map((name) => [name, input(`${inputs(rate)}/${name}`, [], 'float32')]));
  const kept = (value: Float, present: Float): Float => (finite === undefined ? value : where(finite, value, present));
  const next: Record<string, Float> = {};
  for (const [parameter, raw] of gradients) {
    const { name, shape, decay, weight, rate } = parameter;
    const moments = Object.fromEntries(
      optimizer.moments.map((moment) => [moment, state(stateNames.moment(moment, name), shape, 'float32')] as const),
    );
    const result = optimizer.update({
      weight,
      parameter: parameterLeaf(parameter),
      gradient: scale === undefined ? raw : multiply(raw, scale),
      moments,
      scalars: scalars(rate),
      decay,
    });
    next[name] = kept(result.parameter, parameterLeaf(parameter));
    checkMoments(optimizer, Object.keys(result.moments));
    for (const [moment, present] of Object.entries(moments)) {
      const value = result.moments[moment] ?? present;
      next[stateNames.moment(moment, name)] = kept(value, present);
    }
  }
  return next;
}

/** Throws `InputError` for an update that leaves out a moment, which would keep its old value unseen, or gives one that is not declared. */
function checkMoments({ name, moments }: Optimizer, given: readonly string[]): void {
  const odd = [...moments.filter((own) => !given.includes(own)), ...given.filter((own) => !moments.includes(own))];
  if (odd.length === 0) return;
  throw new InputError({
    asked: `train with optimizer "${name}"`,
    found: `it declares the moments ${moments.join(', ') || '(none)'}, and its update gives ${given.join(', ') || '(none)'}`,
    fix: 'Give the next value of each declared moment, and of no other',
  });
}

/**
 * Updates of all groups, and the norms of their gradients before clipping; only the student's is an output that every training
 * has. In float16 a step in which any gradient overflowed changes nothing but the loss scale (and is counted).
 */
function allUpdates(
  options: TrainStepOptions,
  gradients: (group: ParameterGroup) => Gradients,
): { readonly next: Record<string, Float>; readonly outputs: Record<string, Float> } {
  const groups = parameterGroups(options).map((group) => {
    const own = gradients(group);
    return { group, gradients: own, norm: globalNorm([...own.values()]) };
  });
  const finite = options.precision === 'float16' ? allFinite(groups.map(({ norm }) => norm)) : undefined;
  const scaling = finite === undefined ? undefined : scaled(finite, options.lossScaling);
  const next = groups.map((own) => updates(own.group, own.gradients, own.norm, finite));
  const norms = groups.map(({ group, norm }) => {
    return [group.name === 'student' ? 'gradientNorm' : 'teacherGradientNorm', norm] as const;
  });
  return {
    next: Object.assign({}, ...next, scaling?.next) as Record<string, Float>,
    outputs: { ...Object.fromEntries(norms), ...scaling?.outputs },
  };
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
 * One run = one step. Inputs `ids`, `targets`, `weights` `[B, T]`, where attention stays within them `documents` likewise, the optimisers' scalars; outputs, all scalars, `loss`, `loss/<term>`, `gradientNorm` (before clipping), of a teacher that
 * learns too `teacherLoss` and `teacherGradientNorm`, and in float16 the `lossScale` of the step and the `skippedSteps` so far.
 * Gradients are clipped as PyTorch's `clip_grad_norm_` does: times min(1, clipNorm / (norm + 1e-6)). Throws as `lossGraph`.
 */
export function trainProgram(options: TrainStepOptions): Program {
  const graph = lossGraph(options);
  const { next, outputs } = allUpdates(options, (group) => gradientsOf(graph, group, options));
  return program('train', { outputs: { ...lossOutputs(graph), ...outputs }, next });
}

/**
 * The losses of a batch over the same state, with nothing learned. Outputs, all scalars, `loss`, `loss/<term>` and `rows`,
 * the sum of the row weights. Throws as `lossGraph`.
 */
export function lossProgram({ correction: _, ...options }: TrainStepOptions): Program {
  const graph = lossGraph(options, resultNames(options, 'student'), false);
  return program('losses', { outputs: { ...lossOutputs(graph), rows: graph.rows } });
}

/**
 * Adds a micro-batch's gradients, times its rows, to the accumulators, which count as empty while they are of no rows. Outputs as
 * `lossProgram`.
 */
export function gradientProgram(options: TrainStepOptions): Program {
  const graph = lossGraph(options);
  const next: Record<string, Float> = {};
  const rows = state(stateNames.rows, [], 'float32');
  const some = less(constant(0, [], 'float32'), rows);
  for (const group of parameterGroups(options)) {
    for (const [{ name, shape }, own] of gradientsOf(graph, group, options)) {
      const accumulated = state(stateNames.gradient(name), shape, 'float32');
      next[stateNames.gradient(name)] = add(where(some, accumulated, 0), multiply(own, graph.rows));
    }
  }
  next[stateNames.rows] = add(rows, graph.rows);
  return program('gradients', { outputs: { ...lossOutputs(graph), rows: graph.rows }, next });
}

/**
 * Updates the parameters by the mean of the accumulated gradients, of which there are no rows afterwards: to write zeros over them
 * would take as much memory again. Outputs the norms.
 */
export function applyProgram(options: TrainStepOptions): Program {
  const scale = divide(constant(1, [], 'float32'), maximum(state(stateNames.rows, [], 'float32'), 1e-9));
  const mean = ({ name, shape }: Parameter): Float =>
    multiply(state(stateNames.gradient(name), shape, 'float32'), scale);
  const { next, outputs } = allUpdates(
    options,
    ({ parameters }) => new Map(parameters.map((parameter) => [parameter, mean(parameter)])),
  );
  next[stateNames.rows] = constant(0, [], 'float32');
  return program('apply', { outputs, next });
}
