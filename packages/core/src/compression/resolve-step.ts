// A step's names become strategies: whatever cannot be is said before anything is read or run.
import type { RunContainer } from '../di/index.js';
import { createStrategy } from '../di/index.js';
import { InputError } from '../errors.js';
import type { ImportanceScorer } from '../stages/4-score/index.js';
import { parseTarget, type SearchStrategy, type Target } from '../stages/5-search/index.js';
import type { Pruner } from '../stages/6-prune/index.js';
import type { Optimizer, Schedule, WeightedLoss } from '../stages/7-distil/index.js';
import type { CompressionStep } from './step-schema.js';

/** A step with its strategies made. */
export interface ResolvedStep {
  /** Unique among the steps. */
  readonly name: string;
  readonly step: CompressionStep;
  readonly target: Target;
  readonly scorers: readonly ImportanceScorer[];
  readonly search: SearchStrategy;
  readonly pruner: Pruner;
  readonly losses: readonly WeightedLoss[];
  readonly optimizer: Optimizer;
  /** For a student of this hidden size. */
  schedule(hidden: number): Schedule;
}

/** Peak rate: inversely to the hidden size, so that it meets Minitron's 1e-4 at 3072 (Sreenivas et al. 2024, table 4). */
const RATE_TIMES_HIDDEN = 0.3;
const HIGHEST_RATE = 5e-3;
const WARMUP = 20;

/** Learning rate at the peak, when none is given, for a model of this hidden size. */
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
  return steps.map((step, index) => resolveStep(names[index] ?? '', step, container));
}

function resolveStep(name: string, step: CompressionStep, container: RunContainer): ResolvedStep {
  const { importance, search, pruner, distillation } = step;
  const { schedule, optimizer } = distillation;
  const scheduleFor = (hidden: number): Schedule =>
    schedule === undefined
      ? createStrategy(container, 'schedule', 'cosine', { peak: peakRate(hidden), warmup: WARMUP })
      : createStrategy(container, 'schedule', schedule.name, schedule.options);
  scheduleFor(1); // its options are checked now, not after pruning
  return {
    name,
    step,
    target: parseTarget(step.target),
    scorers: importance.scorers.map((own) => createStrategy(container, 'scorer', own.name, own.options)),
    search: createStrategy(container, 'search', search.name, search.options),
    pruner: createStrategy(container, 'pruner', pruner.name, pruner.options),
    losses: distillation.losses.map(({ weight, ...own }) => ({
      term: createStrategy(container, 'loss', own.name, own.options),
      weight,
    })),
    optimizer: createStrategy(container, 'optimizer', optimizer.name, optimizer.options),
    schedule: scheduleFor,
  };
}
