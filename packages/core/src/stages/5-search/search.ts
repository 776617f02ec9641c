// Stage 5: the target becomes a shape. An explicit shape is taken as it is; everything else is up to the strategy. What is
// looked through is said before anything is spent, and what is chosen with what it costs.
import type { Workload } from '../../cost/memory.js';
import { InputError } from '../../errors.js';
import { describeArchitecture, type Architecture, type Model, type ModelShape } from '../../model/index.js';
import { stage, type Stage, type StageContext, type StageTools } from '../../pipeline/index.js';
import type { Scores } from '../4-score/importance-scorer.js';
import { computedBudget, fits, type Budget } from './budget.js';
import { chosenScores, countedShape } from './layer-choice.js';
import { reportRanking, reportSizes, reportSpace, reportSpeed } from './report.js';
import type { SearchStrategy, ShapeSearch } from './search-strategy.js';
import { checkTargetShape, explicitArchitecture } from './target-shape.js';
import { describeTarget, isTimed, type ShapeTarget, type Target } from './target.js';
import { listFor, listTimed, type Found } from './timed-search.js';
import { createTimer, type Timer } from './timer.js';
import type { Trial } from './trial.js';

/** What a search may do besides choosing. */
export interface SearchOptions {
  /** Compares the speed of model and student over this workload; not compared when not given. */
  readonly speed?: Workload;
}

/** Finds the student's shape and says what it costs. Throws `InputError` for a target that the model cannot reach. */
export function search<
  State extends {
    /** The model to be pruned. */
    readonly teacher: Model;
    /** Importance, for strategies that look at it. */
    readonly scores?: Partial<Scores>;
  },
>(
  strategy: ShapeSearch,
  target: Target,
  options: SearchOptions = {},
): Stage<
  State,
  State & {
    /** Shape of the student. */
    readonly target: Architecture;
  }
> {
  return searchWith(strategy, target, () => undefined, options);
}

/**
 * `search` for every strategy: one that trains tries its candidates, cut out of the state's teacher, as `trial` says. Throws
 * `InputError` as `search`, and for such a strategy where `trial` gives nothing.
 */
export function searchWith<
  State extends {
    /** The model to be pruned. */
    readonly teacher: Model;
    /** Importance, for strategies that look at it. */
    readonly scores?: Partial<Scores>;
  },
>(
  strategy: SearchStrategy,
  target: Target,
  trial: (state: State) => Trial | undefined,
  options: SearchOptions = {},
): Stage<
  State,
  State & {
    /** Shape of the student. */
    readonly target: Architecture;
  }
> {
  return stage('search', async (state: State, context, tools) => {
    const { teacher: source, scores } = state;
    const timers = createTimers(source, context);
    const architecture = await choose(
      strategy,
      target,
      { source, scores, trial: trial(state), timers },
      context,
      tools,
    );
    reportSizes(source, architecture, target, strategy, tools);
    if (options.speed !== undefined)
      await reportSpeed(source, architecture, options.speed, timers(options.speed), tools);
    if (target.kind !== 'shape' || target.choice === undefined) return { ...state, target: architecture };
    // What the target names outranks what any scorer found.
    const { choice } = target;
    return { ...state, scores: chosenScores(source.architecture, target, scores), choice, target: architecture };
  });
}

interface Given {
  readonly source: Model;
  readonly scores: Partial<Scores> | undefined;
  readonly trial: Trial | undefined;
  timers(workload: Workload): Timer;
}

async function choose(
  strategy: SearchStrategy,
  target: Target,
  { source, scores, trial, timers }: Given,
  context: StageContext,
  tools: StageTools,
): Promise<Architecture> {
  if (target.kind === 'shape') return explicit(source, target);
  const budget = isTimed(target) ? undefined : computedBudget(source, target, strategy.tolerance);
  const found: Found = isTimed(target)
    ? await listTimed(strategy, source, target, timers(target.workload), scores)
    : listFor(strategy, source, budget ?? computedBudget(source, target), scores);
  const unit = budget?.describe ?? ((amount: number) => `${amount.toPrecision(3)} ms`);
  reportSpace(found, unit, strategy, tools);
  const [first] = found.candidates;
  if (first === undefined) throw new RangeError(`${strategy.name} listed no candidate`);
  found.candidates.forEach(({ architecture }) => checkTargetShape(source.architecture, architecture));
  if (strategy.trains !== true)
    return budget === undefined ? first.architecture : checked(strategy, first.architecture, budget, target);
  if (trial === undefined) throw needsTrial(strategy);
  const ranked = await strategy.explore(found.candidates, source, trial, context, tools);
  return reportRanking(ranked, source.family, unit, tools).architecture;
}

/** One timer for each workload. */
function createTimers(source: Model, context: StageContext): (workload: Workload) => Timer {
  const known = new Map<string, Timer>();
  return ({ batch, length }) => {
    const key = `${batch} × ${length}`;
    const own = known.get(key) ?? createTimer(source, { batch, length }, context);
    known.set(key, own);
    return own;
  };
}

/**
 * The shape a strategy chooses by numbers alone, checked. Throws `InputError` for a target in time, which has to be measured,
 * for one that the model or the strategy cannot reach, and when the strategy's choice is outside the budget.
 */
export function chooseArchitecture(strategy: SearchStrategy, model: ModelShape, target: Target): Architecture {
  if (target.kind === 'shape') return explicit(model, target);
  if (isTimed(target)) {
    throw new InputError({
      asked: `choose a shape for ${describeTarget(target)}`,
      found: 'time has to be measured, and here nothing is run',
      fix: 'Run the search, or give a size',
    });
  }
  const budget = computedBudget(model, target, strategy.tolerance);
  const architecture = strategy.choose(model, budget);
  checkTargetShape(model.architecture, architecture);
  return checked(strategy, architecture, budget, target);
}

function checked(strategy: SearchStrategy, architecture: Architecture, budget: Budget, target: Target): Architecture {
  const cost = budget.cost(architecture);
  if (fits(budget, cost)) return architecture;
  throw new InputError({
    asked: `search a shape of ${describeTarget(target)} with ${strategy.name}`,
    found: `it chose one of ${budget.describe(cost)}`,
    fix: 'Correct the strategy, or use another',
  });
}

/** An explicit shape. Throws `InputError` for one that other tools would not load; strategies look past those. */
function explicit({ family, architecture }: ModelShape, target: ShapeTarget): Architecture {
  const asked = explicitArchitecture(architecture, countedShape(architecture, target));
  const problem = family.problem?.(asked, architecture);
  if (problem === undefined) return asked;
  throw new InputError({ asked: `prune to ${describeArchitecture(asked)}`, ...problem });
}

/** The strategy, where training candidates is out of the question. Throws `InputError` for one that does. */
export function untrained(strategy: SearchStrategy, asked: string): ShapeSearch {
  if (strategy.trains !== true) return strategy;
  const found = `the search ${strategy.name} trains its candidates`;
  throw new InputError({ asked, found, fix: 'Let a run try the candidates, or use a search that does not train' });
}

function needsTrial(strategy: SearchStrategy): InputError {
  return new InputError({
    asked: `search with ${strategy.name}`,
    found: 'it trains its candidates, and nothing says on what',
    fix: 'Give text and losses for the trials',
  });
}
