// Distillation of what a block hands on.
import { strategy } from '@espalier/core';
import { stateDistance, stateOptions } from './intermediate-state.js';

/**
 * Mean over valid tokens of 1 − cos(s, t) or (1/C)·Σ_c (s − t)², t the teacher's and s the student's `[N, C]`, projected to the
 * teacher's width, of the residual stream after a pair of blocks: the paper's L_o (Muralidharan et al. 2024, section 3).
 */
export const blockOutputLoss = strategy('loss', {
  name: 'block-output',
  summary: '1 − cosine, or mean square difference, of block outputs, mean over valid tokens',
  options: stateOptions,
  create: ({ distance }) => stateDistance('blockOutput', distance),
});
