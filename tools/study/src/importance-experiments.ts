// What the papers say of importance: which aggregation to use, and whether estimating again as the model shrinks helps.
import {
  combineScores,
  observedOf,
  parseTarget,
  type Architecture,
  type Model,
  type Scores,
  type Statistics,
} from '@espalier/core';
import { activationScorer, aggregations, blockInfluenceScorer, l2Mean, type Aggregation } from '@espalier/plugins';
import type { Experiment, Numbers } from './experiment.js';
import type { Lab } from './lab.js';

/** Calibrates for all aggregations and for layers. */
export function calibrated(lab: Lab, model: Model): Promise<Statistics> {
  return lab.statistics(model, [activationScorer(), blockInfluenceScorer()]);
}

/** Scores of widths under an aggregation, and of layers. */
export function scoresOf(
  lab: Lab,
  model: Model,
  statistics: Statistics,
  aggregation: Aggregation = l2Mean,
): Promise<Partial<Scores>> {
  const scorers = [activationScorer({ aggregation: aggregation.name }), blockInfluenceScorer()];
  return combineScores(scorers, observedOf(model, statistics, lab.context.random.fork('score')));
}

/** The teacher cut by width or depth to half its size, after one calibration. */
export async function halved(lab: Lab, search: 'proportional-width' | 'depth'): Promise<Model> {
  const scores = await scoresOf(lab, lab.teacher, await calibrated(lab, lab.teacher));
  return lab.prune(lab.teacher, scores, lab.shape(search, '50%'));
}

/** Retraining before which a ranking of candidates says little, as a part of the budget. */
const SHORT = 0.3;

/** Nine aggregations. */
export const aggregationTable: Experiment = {
  name: 'aggregation',
  claim:
    'L2 over the batch with mean over the sequence is best, zero-shot and after short retraining; variance over the batch is worst (table 11, figure 5)',
  async run(lab) {
    const statistics = await calibrated(lab, lab.teacher);
    const rows: Record<string, Numbers> = {};
    for (const aggregation of [l2Mean, ...aggregations.filter(({ name }) => name !== l2Mean.name)]) {
      const scores = await scoresOf(lab, lab.teacher, statistics, aggregation);
      const student = lab.prune(lab.teacher, scores, lab.shape('proportional-width', '50%'));
      const tokens = Math.round(lab.tokens * SHORT);
      const { model } = await lab.train(`aggregation ${aggregation.name}`, { student, teacher: lab.teacher, tokens });
      rows[aggregation.name] = {
        'loss, pruned': await lab.loss(student),
        'loss, short retraining': await lab.loss(model),
      };
    }
    return rows;
  },
};

/** One estimate of importance against several. */
export const iterativeImportance: Experiment = {
  name: 'iterative importance',
  claim: 'one estimate is enough: 1, 2 and 4 rounds end at the same loss after retraining (table 12)',
  async run(lab) {
    const target = lab.shape('proportional-width', '50%');
    const rows: Record<string, Numbers> = {};
    for (const rounds of [1, 2, 4]) {
      const student = await prunedInRounds(lab, target, rounds);
      const { model } = await lab.train(`rounds ${rounds}`, { student, teacher: lab.teacher });
      rows[`${rounds} round${rounds === 1 ? '' : 's'}`] = {
        'loss, pruned': await lab.loss(student),
        'loss, distilled': await lab.loss(model),
      };
    }
    return rows;
  },
};

/** T rounds of d·(1 − i/T) + target·i/T, importance estimated anew on each (Muralidharan et al. 2024, section 2.2). */
async function prunedInRounds(lab: Lab, target: Architecture, rounds: number): Promise<Model> {
  const from = lab.teacher.architecture.sizes;
  let model = lab.teacher;
  for (let round = 1; round <= rounds; round++) {
    // Whole multiples of 8: transformers loads no Llama whose hidden size is not a multiple of its heads.
    const part = (size: 'hidden' | 'ffn'): number =>
      round === rounds
        ? target.sizes[size]
        : 8 * Math.round((from[size] + ((target.sizes[size] - from[size]) * round) / rounds) / 8);
    const shape = lab.shapeOf(model, parseTarget(`hidden=${part('hidden')},ffn=${part('ffn')}`));
    model = lab.prune(model, await scoresOf(lab, model, await calibrated(lab, model)), shape);
  }
  return model;
}
