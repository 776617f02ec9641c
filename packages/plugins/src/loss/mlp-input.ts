// Distillation of what the feed-forward block reads.
import { strategy } from '@espalier/core';
import { stateDistance, stateOptions } from './intermediate-state.js';

/**
 * Mean over valid tokens of 1 − cos(s, t) or (1/C)·Σ_c (s − t)², t the teacher's and s the student's `[N, C]`, projected to the
 * teacher's width, of the normalised input of the feed-forward blocks of a pair of layers: the paper's L_i (Muralidharan et al.
 * 2024, section 3).
 */
export const mlpInputLoss = strategy('loss', {
  name: 'mlp-input',
  summary: '1 − cosine, or mean square difference, of feed-forward inputs, mean over valid tokens',
  options: stateOptions,
  create: ({ distance }) => stateDistance('ffnNorm', distance),
});
