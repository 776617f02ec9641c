// Iterative importance: scores are taken anew after every part of the cut (Muralidharan et al. 2024, section 2.2, table 12: one
// round is as good there, so this is an option).
import { InputError } from '../../errors.js';
import { fullPlan, type Architecture, type Model, type PrunePlan } from '../../model/index.js';
import { stage, type Stage } from '../../pipeline/index.js';
import { collectStatistics } from '../3-calibrate/index.js';
import type { CalibrateOptions } from '../3-calibrate/calibrate.js';
import { combineScores, observedOf, type Scores } from '../4-score/index.js';
import { applyPlan } from './apply-plan.js';
import { composePlans } from './compose-plans.js';
import { finishCut, makePlan, type PruneOptions } from './prune.js';
import type { Pruner } from './pruner.js';

/** How importance is estimated in each round, and how the model is cut. */
export interface IterativeOptions extends Omit<CalibrateOptions, 'data'>, PruneOptions {
  /** T, how often importance is estimated; at least 1. */
  readonly rounds: number;
  /** Turns each round's scores into a plan. */
  readonly pruner: Pruner;
  /** The text of every round, read anew. */
  readonly data: () => CalibrateOptions['data'];
}

/**
 * The shapes after each of T rounds, the last one the target: round i (from 0) leaves about d − (i + 1)·(d − d′)/T of every size,
 * key/value heads and heads per group in whole numbers, sizes never below the target's.
 */
export function intermediateShapes(from: Architecture, to: Architecture, rounds: number): readonly Architecture[] {
  const at = (a: number, b: number, round: number): number =>
    Math.max(b, Math.round(a - ((round + 1) * (a - b)) / rounds));
  const group = ({ sizes }: Architecture): number => sizes.heads / sizes.kvHeads;
  return Array.from({ length: rounds }, (_, round) => {
    if (round === rounds - 1) return to;
    const kvHeads = at(from.sizes.kvHeads, to.sizes.kvHeads, round);
    const sizes = {
      ...to.sizes,
      hidden: at(from.sizes.hidden, to.sizes.hidden, round),
      ffn: at(from.sizes.ffn, to.sizes.ffn, round),
      kvHeads,
      heads: kvHeads * at(group(from), group(to), round),
    };
    return { ...to, layers: at(from.layers, to.layers, round), sizes };
  });
}

/**
 * Calibrates, scores and prunes T times on the way to the target (Muralidharan et al. 2024, section 2.2); the student is cut
 * from the teacher at once, by the composed plan, which is told and checked as by `prune`. Every round loads the model it has
 * so far; `scores` are the last round's, in its numbering. Throws `InputError` for a number of rounds below 1, and as the
 * stages do.
 */
export function pruneIteratively<
  State extends {
    /** The model to be pruned. */
    readonly teacher: Model;
    /** Shape of the student. */
    readonly target: Architecture;
  },
>(
  options: IterativeOptions,
): Stage<
  State,
  State & {
    /** What is kept, in the numbers of the teacher. */
    readonly plan: PrunePlan;
    /** The cut model. */
    readonly student: Model;
    /** Scores of the last round, in the numbers of the model that it looked at. */
    readonly scores: Partial<Scores>;
  }
> {
  return stage('prune iteratively', async (state: State, context, tools) => {
    const { teacher, target } = state;
    const { rounds, pruner, scorers } = options;
    if (!Number.isInteger(rounds) || rounds < 1) {
      const found = `${rounds} rounds`;
      throw new InputError({ asked: 'estimate importance iteratively', found, fix: 'Give a whole number from 1' });
    }
    let [plan, student, scores]: [PrunePlan, Model, Partial<Scores>] = [fullPlan(teacher.architecture), teacher, {}];
    for (const [round, shape] of intermediateShapes(teacher.architecture, target, rounds).entries()) {
      const statistics = await collectStatistics(student, { ...options, data: options.data() }, context, tools);
      scores = await combineScores(scorers, observedOf(student, statistics, context.random.fork(`round ${round}`)));
      plan = composePlans(plan, makePlan(pruner, student.architecture, scores, shape));
      student = applyPlan(teacher, plan);
      const { layers, sizes } = shape;
      const message = `round ${round + 1} of ${rounds}: ${layers} layers, hidden ${sizes.hidden}, ffn ${sizes.ffn}, heads ${sizes.heads} / kv ${sizes.kvHeads}`;
      tools.report({ type: 'finding', name: 'round', message, data: { round, layers, sizes: { ...sizes } } });
    }
    await finishCut({ teacher, plan, student }, options, context, tools);
    return { ...state, plan, student, scores };
  });
}
