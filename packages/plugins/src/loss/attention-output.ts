// Distillation of what attention writes.
import { strategy } from '@espalier/core';
import { stateDistance, stateOptions } from './intermediate-state.js';

/**
 * Mean over valid tokens of 1 − cos(s, t) or (1/C)·Σ_c (s − t)², t the teacher's and s the student's `[N, C]`, projected to the
 * teacher's width, of what the attention of a pair of layers adds to the residual stream; not among the paper's losses.
 */
export const attentionOutputLoss = strategy('loss', {
  name: 'attention-output',
  summary: '1 − cosine, or mean square difference, of attention outputs, mean over valid tokens',
  options: stateOptions,
  create: ({ distance }) => stateDistance('attentionAdded', distance),
});
