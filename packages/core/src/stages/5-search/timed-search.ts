// A target in time: predicted from work, then measured. Measuring all shapes of a grid would take hours; two measurements give
// a line from operations to milliseconds, and what the line finds feasible is measured.
import { forwardFlops } from '../../cost/index.js';
import type { Workload } from '../../cost/memory.js';
import { InputError } from '../../errors.js';
import type { Architecture, ModelShape } from '../../model/index.js';
import type { Scores } from '../4-score/importance-scorer.js';
import { nothingToDo, type Budget } from './budget.js';
import type { Candidate, Listing, SearchStrategy } from './search-strategy.js';
import { describeTarget, type TimeTarget } from './target.js';
import type { Timer } from './timer.js';

/** Milliseconds that a forward pass may take. */
export function timeLimit(target: TimeTarget): number {
  if (target.kind === 'latency') return target.milliseconds;
  return (1000 * target.workload.batch * target.workload.length) / target.tokensPerSecond;
}

/** Corrections of the line before a strategy that gives one shape at a time is said to have failed. */
const ATTEMPTS = 6;

/**
 * Shapes that were measured to be fast enough, the most promising first; costs are milliseconds. Throws `InputError` with the
 * fastest that was found when none is, and when the model is fast enough as it is.
 */
export async function listTimed(
  strategy: SearchStrategy,
  model: ModelShape,
  target: TimeTarget,
  timer: Timer,
  scores?: Partial<Scores>,
): Promise<Found> {
  const limit = timeLimit(target);
  const { milliseconds } = await timer(model.architecture);
  if (milliseconds <= limit) throw nothingToDo(target, `the model itself takes ${milliseconds.toPrecision(3)} ms`);
  const line = await fitLine(model, target.workload, timer);
  let slack = 1;
  let fastest = Infinity;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const found = attempted(attempt > 0, () => listFor(strategy, model, predicted(line, limit * slack), scores));
    if (found === undefined) break;
    const measured: Candidate[] = [];
    for (const own of found.candidates) {
      measured.push({ ...own, cost: (await timer(own.architecture)).milliseconds });
    }
    const candidates = measured.filter(({ cost }) => cost <= limit);
    if (candidates.length > 0) return { ...found, candidates };
    // All too slow: the next attempt asks the line for less, by as much as the fastest missed.
    const best = Math.min(...measured.map(({ cost }) => cost));
    slack *= 0.98 * (limit / best);
    fastest = Math.min(fastest, best);
  }
  throw new InputError({
    asked: `search a shape for ${describeTarget(target)}`,
    found: `the fastest of the shapes that were measured takes ${fastest.toPrecision(3)} ms`,
    fix: 'Give more time, or a smaller batch or length',
  });
}

/** What a strategy finds; on a later attempt, finding nothing is no error of its own: what was measured says more. */
function attempted(later: boolean, list: () => Found): Found | undefined {
  try {
    return list();
  } catch (error) {
    if (later && error instanceof InputError) return undefined;
    throw error;
  }
}

/** What a strategy lists, or its one choice as a list of one. */
export function listFor(strategy: SearchStrategy, model: ModelShape, budget: Budget, scores?: Partial<Scores>): Found {
  if (strategy.list !== undefined) return strategy.list(model, budget, scores);
  const architecture = strategy.choose(model, budget, scores);
  return { candidates: [{ architecture, cost: budget.cost(architecture), proxy: 0 }] };
}

/** Candidates, and the space they are from where a strategy enumerates one. */
export type Found = Pick<Listing, 'candidates'> & Partial<Listing>;

interface Line {
  /** Milliseconds without any work. */
  readonly offset: number;
  /** Milliseconds per operation. */
  readonly slope: number;
  work(architecture: Architecture): number;
}

/** Through the model itself and a shape of half its widths. */
async function fitLine(model: ModelShape, { batch, length }: Workload, timer: Timer): Promise<Line> {
  const { family, architecture } = model;
  const work = (own: Architecture): number => batch * length * forwardFlops({ family, architecture: own }, length);
  const { hidden, ffn } = architecture.sizes;
  const half = {
    ...architecture,
    sizes: { ...architecture.sizes, hidden: Math.ceil(hidden / 2), ffn: Math.ceil(ffn / 2) },
  };
  const [whole, less] = [await timer(architecture), await timer(half)];
  const slope = Math.max(0, (whole.milliseconds - less.milliseconds) / (work(architecture) - work(half)));
  return { offset: Math.max(0, whole.milliseconds - slope * work(architecture)), slope, work };
}

function predicted({ offset, slope, work }: Line, most: number): Budget {
  const cost = (architecture: Architecture): number => offset + slope * work(architecture);
  return { least: 0, most, cost, describe: (amount) => `${amount.toPrecision(3)} ms (predicted)` };
}
