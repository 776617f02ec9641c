// Distillation of what attention writes.
import type { DistillationLoss } from '@espalier/core';
import { intermediateState, type IntermediateStateOptions } from './intermediate-state.js';

/**
 * Mean over valid tokens of 1 − cos(s, t) or (1/C)·Σ_c (s − t)², t the teacher's and s the student's `[N, C]`, projected to the
 * teacher's width, of what the attention of a pair of layers adds to the residual stream; not among the paper's losses.
 */
export function attentionOutputLoss(options: IntermediateStateOptions = {}): DistillationLoss<'attentionAdded'> {
  return intermediateState('attention-output', 'attention outputs', 'attentionAdded', options);
}
