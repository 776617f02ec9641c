// Depth importance for one target: measured after the search, when it is known how many layers go.
import type { Architecture, Model } from '../../model/index.js';
import { stage, type Stage } from '../../pipeline/index.js';
import type { EvaluationText, Evaluator } from '../8-evaluate/index.js';
import { layersWithout, leastBlock, measureDepth, reportDepth } from './measure-depth.js';
import type { Scores } from './importance-scorer.js';

/** What is left out in turn. */
export interface DepthOfTargetOptions {
  /**
   * Whether runs of as many neighbouring layers as go are tried, and the one least missed goes whole (Sreenivas et al. 2024,
   * section 4); single layers are tried when not given.
   */
  readonly blocks?: boolean;
}

/**
 * Replaces the scores of layers by what `measureDepth` finds without them, for a target that has fewer; another one passes as it is,
 * and nothing is run.
 */
export function scoreDepthOfTarget<
  State extends {
    /** What parts are left out of. */
    readonly teacher: Model;
    /** Scores so far. */
    readonly scores: Partial<Scores>;
    /** Shape of the student. */
    readonly target: Architecture;
  },
>(evaluator: Evaluator, text: EvaluationText, { blocks = false }: DepthOfTargetOptions = {}): Stage<State, State> {
  return stage('score depth', async (state: State, context, tools) => {
    const { teacher, target } = state;
    const { layers } = teacher.architecture;
    const gone = layers - target.layers;
    if (gone <= 0) return state;
    const depth = await measureDepth(teacher, evaluator, text, { blocks: [blocks ? gone : 1] }, context, tools);
    reportDepth(evaluator, depth, tools);
    const own = blocks ? { layers: layersWithout(leastBlock(depth.blocks, gone), layers) } : depth.scores;
    return { ...state, scores: { ...state.scores, ...own } };
  });
}
