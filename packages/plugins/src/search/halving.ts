// Architecture search by successive halving (Jamieson & Talwalkar 2016): the candidates of a grid are trained a little, the better
// share goes on and is trained more, from where it was. The Minitron papers train each candidate for 400 steps and rank by
// validation loss; ranks settle after some 300.
import { at, memoryStore, strategy, type Candidate, type Ranked } from '@espalier/core';
import { z } from 'zod';
import { count } from '../options.js';
import { gridMembers, gridOptions } from './grid.js';
import { tryCandidate } from './try-candidate.js';

/**
 * Trains the candidates of a grid and ranks them: those that came furthest first, among them by validation loss (successive
 * halving, Jamieson & Talwalkar 2016). Deterministic; a search that is stopped goes on from its store at the last candidate and
 * rung that were finished. Throws as `gridSearch` and training do.
 */
export const halvingSearch = strategy('search', {
  name: 'halving',
  summary:
    'trains the candidates of a grid a little, the better ones longer, and takes the one of least validation loss',
  options: gridOptions.extend({
    rungs: z
      .array(count)
      .min(1)
      .refine((own) => own.every((tokens, index) => tokens > before(own, index)), 'must ascend')
      .default([100_000, 200_000, 400_000])
      .describe('training tokens that a candidate has had at the end of each rung, ascending'),
    keep: z
      .number()
      .positive()
      .lt(1)
      .default(0.5)
      .describe('share of the candidates that goes on to the next rung, rounded up; one at least'),
  }),
  create({ rungs, keep, ...grid }) {
    const tokens = (candidates: number): number =>
      rungs.reduce((sum, own, rung) => sum + survivors(candidates, keep, rung) * (own - before(rungs, rung)), 0);
    return {
      ...gridMembers(grid),
      trains: true,
      tokens,
      measurements: (candidates) => rungs.reduce((sum, _own, rung) => sum + survivors(candidates, keep, rung), 0),
      async explore(candidates, source, trial, context, tools) {
        const store = trial.store ?? memoryStore();
        const total = tokens(candidates.length);
        let done = 0;
        let alive: readonly Candidate[] = candidates;
        let ranked: readonly Ranked[] = [];
        for (const [rung, reached] of rungs.entries()) {
          alive = alive.slice(0, survivors(candidates.length, keep, rung));
          const tried: Ranked[] = [];
          for (const [index, candidate] of alive.entries()) {
            const part = `candidate ${index + 1} of ${alive.length}, rung ${rung + 1} of ${rungs.length}`;
            const had = done - before(rungs, rung);
            const tell = (own: number, more = ''): void => {
              const now = had + Math.min(reached, Math.max(before(rungs, rung), own));
              tools.report({ type: 'progress', done: now, total, unit: 'tokens', part: `${part}${more}` });
            };
            tell(0);
            const losses = await tryCandidate(candidate, { source, trial, store, rungs, rung, tell }, context, tools);
            const loss = losses.reduce((a, b) => a + b, 0) / losses.length;
            tried.push({ ...candidate, tokens: reached, loss, losses });
            done += reached - before(rungs, rung);
            tell(reached);
          }
          const better = tried.toSorted((a, b) => a.loss - b.loss);
          // Who is left behind keeps its place behind those who go on.
          ranked = [...better, ...ranked.slice(better.length)];
          alive = better;
        }
        return ranked;
      },
    };
  },
});

/** Tokens that a candidate has had before a rung (0-based). */
function before(rungs: readonly number[], rung: number): number {
  return rung === 0 ? 0 : at(rungs, rung - 1);
}

/** How many of the candidates reach a rung (0-based). */
function survivors(candidates: number, keep: number, rung: number): number {
  return Array.from({ length: rung }).reduce<number>((left) => Math.max(1, Math.ceil(left * keep)), candidates);
}
