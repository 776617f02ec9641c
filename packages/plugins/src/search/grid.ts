// Architecture search by enumeration, as the Minitron papers do it: every shape of a grid within the budget, the promising and
// different ones first.
import {
  at,
  describeArchitecture,
  InputError,
  modelParameters,
  strategy,
  type Architecture,
  type Budget,
  type Candidate,
  type Listing,
  type ModelShape,
  type Scores,
  type ShapeSearch,
  type Sized,
} from '@espalier/core';
import { z } from 'zod';
import { count } from '../options.js';
import { gridAxes, gridShapes, type GridAxes } from './grid-space.js';
import { massKept } from './importance-mass.js';

/** The grid, how far from the target its shapes may be, and how many go on. */
export const gridOptions = gridAxes.extend({
  tolerance: z
    .number()
    .nonnegative()
    .max(0.5)
    .default(0.05)
    .describe(
      'how far from a number of parameters a shape may be, as a share of it; a range or another kind of target is taken as it is',
    ),
  candidates: count.default(8).describe('most candidates that go on'),
});

/**
 * Shapes of a grid within the budget, as Muralidharan et al. 2024 enumerate them (table 9), ranked by `rankDiverse`; `choose`
 * takes the first. `list` and `choose` throw `InputError` where no shape is within the budget.
 */
export const gridSearch = strategy('search', {
  name: 'grid',
  summary: 'every shape of a grid within the budget; the promising and different ones first (Muralidharan et al. 2024)',
  options: gridOptions,
  create: gridMembers,
});

/** What every search on a grid has in common. */
export function gridMembers({
  tolerance,
  candidates: most,
  ...axes
}: z.output<typeof gridOptions>): Required<Pick<ShapeSearch, 'tolerance' | 'list' | 'choose'>> {
  const list = (model: ModelShape, budget: Budget, scores: Partial<Scores> = {}): Listing => {
    const { shapes, feasible } = gridCandidates(model, budget, axes, scores);
    const byCost = shapes.toSorted((a, b) => a.cost - b.cost);
    const [smallest, largest] = [byCost[0], byCost.at(-1)];
    if (smallest === undefined || largest === undefined || feasible.length === 0) throw nothingFits(budget, byCost);
    const counts = { shapes: shapes.length, feasible: feasible.length };
    return {
      space: { ...counts, smallest, largest, nearest: around(byCost, budget.most) },
      candidates: rankDiverse(feasible, most),
    };
  };
  const choose = (...given: Parameters<typeof list>): Architecture => first(list(...given)).architecture;
  return { tolerance, list, choose };
}

/** All shapes of a grid with their costs, and those within the budget with their proxies. */
export function gridCandidates(
  model: ModelShape,
  budget: Budget,
  axes: GridAxes,
  scores: Partial<Scores> = {},
): { readonly shapes: readonly Sized[]; readonly feasible: readonly Candidate[] } {
  const all = modelParameters(model).parameters;
  const shapes = gridShapes(model.architecture, axes).map((architecture) => ({
    architecture,
    cost: budget.cost(architecture),
  }));
  const feasible = shapes
    .filter(({ cost }) => cost >= budget.least && cost <= budget.most)
    .filter(({ architecture }) => model.family.problem?.(architecture) === undefined)
    .map((own) => {
      const kept = modelParameters({ ...model, architecture: own.architecture }).parameters / all;
      return { ...own, proxy: kept + massKept(own.architecture, scores) };
    });
  return { shapes, feasible };
}

/**
 * The rule of diversity. The proxy is the share of parameters kept plus, where there are scores, the share of importance kept.
 * Of the feasible shapes the better half by proxy is looked at (all, when that would leave fewer than wanted). The best comes
 * first; then, again and again, the one that is furthest from all taken, by the logarithms of layers, hidden, ffn and heads.
 * The result is in order of the proxy, so the first is still the best.
 */
export function rankDiverse(feasible: readonly Candidate[], count: number): readonly Candidate[] {
  const ranked = feasible.toSorted((a, b) => b.proxy - a.proxy);
  const pool = ranked.slice(0, Math.max(count, Math.ceil(ranked.length / 2)));
  const taken = pool.slice(0, 1);
  while (taken.length < Math.min(count, pool.length)) {
    const rest = pool.filter((own) => !taken.includes(own));
    const distances = rest.map((own) =>
      Math.min(...taken.map((other) => distance(own.architecture, other.architecture))),
    );
    taken.push(...rest.slice(distances.indexOf(Math.max(...distances))).slice(0, 1));
  }
  return taken.toSorted((a, b) => b.proxy - a.proxy);
}

function distance(a: Architecture, b: Architecture): number {
  const logs = ({ layers, sizes }: Architecture): readonly number[] =>
    [layers, sizes.hidden, sizes.ffn, sizes.heads].map(Math.log);
  const other = logs(b);
  return Math.hypot(...logs(a).map((own, index) => own - at(other, index)));
}

function first({ candidates }: Listing): Candidate {
  const [own] = candidates;
  if (own === undefined) throw new RangeError('an empty list of candidates');
  return own;
}

/** The last shape within an amount and the first beyond it. */
function around(byCost: readonly Sized[], amount: number): readonly Sized[] {
  const [below, above] = [byCost.findLast(({ cost }) => cost <= amount), byCost.find(({ cost }) => cost > amount)];
  return [below, above].filter((own) => own !== undefined);
}

function nothingFits({ least, most, describe, meant }: Budget, byCost: readonly Sized[]): InputError {
  const nearest = around(byCost, most).map(
    (own) => `${describe(own.cost)} (${describeArchitecture(own.architecture)})`,
  );
  const range = least === 0 ? `at most ${describe(most)}` : `${describe(least)} to ${describe(most)}`;
  return new InputError({
    asked: `search a shape of ${range}`,
    found: `none of the ${byCost.length.toLocaleString('en-GB')} shapes of the grid has that`,
    fix: `${meant === undefined ? '' : `For a share, write ${meant}. `}The nearest are ${nearest.join(' and ')}: give one of these, a larger tolerance, or other sizes for the grid`,
  });
}
