// Scores of several scorers put together, and those refused that cannot be right.
import { InputError } from '../../errors.js';
import { weightSpecs, type Architecture, type Model } from '../../model/index.js';
import type { Random } from '../../random.js';
import type { Statistics } from '../3-calibrate/statistics.js';
import type { ImportanceScorer, Observed, Scores } from './importance-scorer.js';

type Axis = keyof Scores;

/** The axes that can be scored, in the order they are told. */
export const axes: readonly Axis[] = ['ffn', 'heads', 'kvHeads', 'hidden', 'layers', 'attention', 'feedForward'];

/** What scorers see of a model and its statistics; `random` is what those that draw fork from. */
export function observedOf(model: Model, statistics: Statistics, random: Random): Observed {
  const { architecture, weights } = model;
  return { statistics, architecture, specs: weightSpecs(model), weights, random };
}

/**
 * The scores of all scorers. Throws `InputError` when two score the same axis, when a scorer gives wrong counts, or when a
 * score is not a finite number.
 */
export async function combineScores(
  scorers: readonly ImportanceScorer[],
  observed: Observed,
): Promise<Partial<Scores>> {
  const owners = new Map<Axis, string>();
  let all: Partial<Scores> = {};
  for (const scorer of scorers) {
    const { name } = scorer;
    const own = await scoresOf(scorer, observed);
    for (const axis of axes) {
      if (own[axis] === undefined) continue;
      const owner = owners.get(axis);
      if (owner !== undefined) throw scoredTwice(axis, owner, name);
      owners.set(axis, name);
    }
    checkScores(name, own, observed.architecture);
    all = { ...all, ...own };
  }
  return all;
}

/** What one scorer says. Throws `InputError`, naming it, for an exception of its own and for what is no axis. */
async function scoresOf(scorer: ImportanceScorer, observed: Observed): Promise<Partial<Scores>> {
  const { name } = scorer;
  let scores: unknown;
  try {
    scores = await scorer.score(observed);
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new InputError({ asked: `score with ${name}`, found, fix: 'Correct the scorer' }, { cause });
  }
  const keys = typeof scores === 'object' && scores !== null ? Object.keys(scores) : [];
  const unknown = keys.find((key) => !axes.some((axis) => axis === key));
  if (unknown !== undefined) throw wrongScores(name, `"${unknown}" is no axis; the axes are ${axes.join(', ')}`);
  if (keys.length === 0) throw wrongScores(name, `it scores nothing; the axes are ${axes.join(', ')}`);
  return scores as Partial<Scores>;
}

/** The error of two scorers for one axis. */
export function scoredTwice(axis: string, owner: string, name: string): InputError {
  const fix = 'Use one scorer for each axis: "axes" of a scorer in a recipe, onlyAxes in code';
  return new InputError({ asked: `score ${axis} with ${name}`, found: `${owner} scores them already`, fix });
}

function checkScores(scorer: string, scores: Partial<Scores>, { layers, sizes }: Architecture): void {
  const perLayer = (what: string, lists: readonly (readonly number[])[], size: number): void => {
    if (lists.length !== layers)
      throw wrongScores(scorer, `${what} of ${lists.length} layers, the model has ${layers}`);
    lists.forEach((list, layer) => checkList(scorer, `${what} in layer ${layer} (0-based)`, list, size));
  };
  for (const axis of ['ffn', 'heads', 'kvHeads'] as const) {
    const lists = scores[axis];
    if (lists !== undefined) perLayer(axis, lists, sizes[axis]);
  }
  if (scores.hidden !== undefined) checkList(scorer, 'hidden', scores.hidden, sizes.hidden);
  for (const axis of ['layers', 'attention', 'feedForward'] as const) {
    const list = scores[axis];
    if (list !== undefined) checkList(scorer, axis, list, layers);
  }
}

function checkList(scorer: string, what: string, scores: readonly number[], count: number): void {
  if (scores.length !== count) throw wrongScores(scorer, `${scores.length} scores of ${what}, the model has ${count}`);
  const bad = scores.findIndex((own) => !Number.isFinite(own));
  if (bad === -1) return;
  throw new InputError({
    asked: `score ${what} with ${scorer}`,
    found: `the score of number ${bad} is ${scores[bad]}`,
    fix: 'Correct the scorer; if it is right, look for NaN and infinities among the weights of the model',
  });
}

function wrongScores(scorer: string, found: string): InputError {
  return new InputError({ asked: `use the scores of ${scorer}`, found, fix: 'Correct the scorer' });
}
