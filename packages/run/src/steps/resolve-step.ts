// A step's names become strategies: whatever cannot be is said before anything is read or run.
import {
  at,
  checkObjective,
  correctionDefaults,
  createStrategy,
  describeTarget,
  InputError,
  onlyAxes,
  parseTarget,
  scoredTwice,
  type DataLoss,
  type Evaluator,
  type ImportanceScorer,
  type LayerMapping,
  type LossBalancer,
  type LossTerm,
  type Optimizer,
  type Pruner,
  type RunContainer,
  type Schedule,
  type StopRule,
  type SearchStrategy,
  type Target,
  type Transform,
  type WeightedLoss,
} from '@espalier/core';
import { strategyNamed, type NamedScorer, type NamedStrategy, type NamedTransform } from './named-strategy.js';
import type { CompressionStep } from './step-schema.js';

/** A step with its strategies made. */
export interface ResolvedStep {
  /** Unique among the steps. */
  readonly name: string;
  /** What the recipe says, every default filled in. */
  readonly step: CompressionStep;
  /** What the student should be, parsed. */
  readonly target: Target;
  /** Score importance, no two of them the same axis. */
  readonly scorers: readonly ImportanceScorer[];
  /** What layers are measured by, where they are left out in turn. */
  readonly depth?: Evaluator;
  /** Finds the student's shape. */
  readonly search: SearchStrategy;
  /** Turns scores and shape into a plan. */
  readonly pruner: Pruner;
  /** What else is done to the student, in this order. */
  readonly transforms: readonly ResolvedTransform[];
  /** Terms that the student is trained by, with their weights. */
  readonly losses: readonly WeightedLoss[];
  /** The weighted sum when absent. */
  readonly balancer?: LossBalancer;
  /** By the share of the depth when absent. */
  readonly mapping?: LayerMapping;
  /** Of the student, and of the teacher where it is corrected. */
  readonly optimizer: Optimizer;
  /** Learning rates for a student of this hidden size. */
  schedule(hidden: number): Schedule;
  /** What ends the student's training early, where anything does. */
  readonly stop?: StopRule;
  /** How the teacher is corrected, where it is. */
  readonly correction?: ResolvedCorrection;
}

/** A change of the student, and how the recipe names it. */
export interface ResolvedTransform {
  /** Its name, options and place. */
  readonly named: NamedTransform;
  /** Makes the change. */
  readonly transform: Transform;
}

/** A teacher's correction; it is trained with the optimiser of the step. */
export interface ResolvedCorrection {
  /** Terms that the teacher is trained by, with their weights; none needs a teacher. */
  readonly losses: readonly WeightedLoss<DataLoss>[];
  /** Learning rates for a teacher of this hidden size. */
  schedule(hidden: number): Schedule;
}

/** Peak rate: inversely to the hidden size, so that it meets Minitron's 1e-4 at 3072 (Sreenivas et al. 2024, table 4). */
const RATE_TIMES_HIDDEN = 0.3;
const HIGHEST_RATE = 5e-3;
const WARMUP = 20;

/**
 * Learning rate at the peak, when none is given: 0.3 / `hidden`, at most 0.005, which is Minitron's 1e-4 at 3072 (Sreenivas
 * et al. 2024, table 4).
 */
export function peakRate(hidden: number): number {
  return Math.min(HIGHEST_RATE, RATE_TIMES_HIDDEN / hidden);
}

/** Makes the strategies of all steps. Throws `InputError` for unknown names, wrong options, targets that cannot be read, and two steps of one name. */
export function resolveSteps(steps: readonly CompressionStep[], container: RunContainer): readonly ResolvedStep[] {
  const names = steps.map(({ name }, index) => name ?? `step-${index + 1}`);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    const fix = 'Give every step a name of its own';
    throw new InputError({ asked: `compress in steps ${names.join(', ')}`, found: `"${twice}" is there twice`, fix });
  }
  return steps.map((step, index) => resolveStep(at(names, index), step, container));
}

function resolveStep(name: string, step: CompressionStep, container: RunContainer): ResolvedStep {
  const { importance, search, pruner, distillation } = step;
  const { optimizer, balancer, mapping, correction, stop } = distillation;
  const { depth } = importance;
  if (depth !== undefined && importance.rounds > 1) {
    throw new InputError({
      asked: `prune step "${name}" in ${importance.rounds} rounds`,
      found: 'its layers are measured by leaving them out, once',
      fix: 'Set importance.rounds to 1, or leave importance.depth out',
    });
  }
  const judge = depth === undefined ? undefined : strategyNamed(container, 'evaluator', depth.evaluator);
  if (judge !== undefined) checkObjective(judge);
  const target = parseTarget(step.target);
  if (
    target.kind === 'shape' &&
    target.choice !== undefined &&
    (importance.depth !== undefined || importance.rounds > 1)
  ) {
    throw new InputError({
      asked: `prune step "${name}" to ${describeTarget(target)}`,
      found: 'the target names the layers, and importance.depth or importance.rounds would choose them',
      fix: 'Leave importance.depth and importance.rounds out',
    });
  }
  const cuts = strategyNamed(container, 'pruner', pruner);
  return {
    name,
    step,
    target,
    scorers: resolveScorers(importance.scorers, container),
    ...(judge === undefined ? {} : { depth: judge }),
    search: strategyNamed(container, 'search', search ?? { name: cuts.search ?? 'proportional-width' }),
    pruner: cuts,
    transforms: step.transforms.map((named) => {
      const { at: _at, ...own } = named;
      return { named, transform: strategyNamed(container, 'transform', own) };
    }),
    losses: resolveLosses(distillation.losses, container),
    ...(balancer === undefined ? {} : { balancer: strategyNamed(container, 'balancer', balancer) }),
    ...(mapping === undefined ? {} : { mapping: strategyNamed(container, 'mapping', mapping) }),
    optimizer: strategyNamed(container, 'optimizer', optimizer),
    schedule: studentSchedule(distillation.schedule, container),
    ...(stop === undefined ? {} : { stop: resolveStop(name, distillation, strategyNamed(container, 'stop', stop)) }),
    ...(correction === undefined ? {} : { correction: resolveCorrection(correction, container) }),
  };
}

/** Throws `InputError` for a rule that waits for what the training does not measure. */
function resolveStop(step: string, { validateEvery }: CompressionStep['distillation'], rule: StopRule): StopRule {
  const waits = rule.metrics?.find((name) => name.startsWith('validation/'));
  if (waits === undefined || validateEvery !== undefined) return rule;
  throw new InputError({
    asked: `end the training of step "${step}" by "${rule.name}"`,
    found: `it waits for the metric ${waits}, and the step measures nothing while it trains`,
    fix: 'Set validateEvery of the distillation to so many steps',
  });
}

/** The scorers, each for its axes. Throws `InputError` for two that say they score the same; what others score shows only then. */
function resolveScorers(scorers: readonly NamedScorer[], container: RunContainer): readonly ImportanceScorer[] {
  const owners = new Map<string, string>();
  return scorers.map(({ axes, ...named }) => {
    const { name } = named;
    const made = strategyNamed(container, 'scorer', named);
    const own = axes === undefined ? made : onlyAxes(made, axes);
    for (const axis of own.axes ?? []) {
      const owner = owners.get(axis);
      if (owner !== undefined) throw scoredTwice(axis, owner, name);
      owners.set(axis, name);
    }
    return own;
  });
}

type Correction = NonNullable<CompressionStep['distillation']['correction']>;

function resolveCorrection({ losses, schedule }: Correction, container: RunContainer): ResolvedCorrection {
  const { shareOfPeakRate: share, warmupSteps: warmup } = correctionDefaults;
  return {
    losses: resolveLosses(losses, container).map(({ term, weight }) => ({ term: withoutTeacher(term), weight })),
    schedule: scheduleFor(schedule, { share, warmup }, container),
  };
}

function withoutTeacher(term: LossTerm): DataLoss {
  if (!term.needsTeacher) return term;
  throw new InputError({
    asked: `correct the teacher by loss "${term.name}"`,
    found: 'it compares with a teacher, and the teacher has none',
    fix: 'Use a loss on the text alone, such as "cross-entropy"',
  });
}

function resolveLosses(losses: CompressionStep['distillation']['losses'], container: RunContainer): WeightedLoss[] {
  return losses.map(({ weight, ...own }) => ({ term: strategyNamed(container, 'loss', own), weight }));
}

/** Learning rates of a student of so many units of `hidden`: the schedule that is named, or a cosine from `peakRate`. */
export function studentSchedule(
  schedule: NamedStrategy | undefined,
  container: RunContainer,
): (hidden: number) => Schedule {
  return scheduleFor(schedule, { share: 1, warmup: WARMUP }, container);
}

/** The schedule that is named, or a cosine from this share of `peakRate`; its options are checked now, not after pruning. */
function scheduleFor(
  schedule: NamedStrategy | undefined,
  { share, warmup }: { readonly share: number; readonly warmup: number },
  container: RunContainer,
): (hidden: number) => Schedule {
  const make = (hidden: number): Schedule =>
    schedule === undefined
      ? createStrategy(container, 'schedule', 'cosine', { peak: share * peakRate(hidden), warmup })
      : strategyNamed(container, 'schedule', schedule);
  make(1);
  return make;
}
