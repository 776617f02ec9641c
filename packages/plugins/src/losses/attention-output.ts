// Distillation of what attention writes.
import type { DistillationLoss } from '@espalier/core';
import { intermediateState, type IntermediateStateOptions } from './intermediate-state.js';

/** Distance of what the attention of a pair of layers adds to the residual stream. */
export function attentionOutputLoss(options: IntermediateStateOptions = {}): DistillationLoss<'attentionAdded'> {
  return intermediateState('attention-output', 'attention outputs', 'attentionAdded', options);
}
