// One scorer for some of the axes that it knows, so that another may score the rest.
import { InputError } from '../../errors.js';
import type { ImportanceScorer, Scores } from './importance-scorer.js';

/**
 * The same scorer, whose scores are those of these axes alone. It observes as before. Throws `InputError` for an axis that the
 * scorer says it does not score; its `score` throws the same where only the scores show it.
 */
export function onlyAxes(scorer: ImportanceScorer, axes: readonly (keyof Scores)[]): ImportanceScorer {
  const unknown = scorer.axes === undefined ? undefined : axes.find((axis) => scorer.axes?.includes(axis) !== true);
  if (unknown !== undefined) throw notScored(scorer.name, unknown, scorer.axes ?? []);
  return {
    ...scorer,
    axes,
    observe: (architecture) => scorer.observe(architecture),
    async score(observed) {
      const all = await scorer.score(observed);
      const missing = axes.find((axis) => all[axis] === undefined);
      if (missing !== undefined) throw notScored(scorer.name, missing, Object.keys(all));
      return Object.fromEntries(Object.entries(all).filter(([axis]) => axes.some((own) => own === axis)));
    },
  };
}

function notScored(scorer: string, axis: string, known: readonly string[]): InputError {
  return new InputError({
    asked: `score ${axis} with ${scorer}`,
    found: `it scores ${known.join(', ')}`,
    fix: 'Leave that axis out of its axes, or use another scorer for it',
  });
}
