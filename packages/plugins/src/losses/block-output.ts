// Distillation of what a block hands on.
import type { DistillationLoss } from '@espalier/core';
import { intermediateState, type IntermediateStateOptions } from './intermediate-state.js';

/** Distance of the residual stream after a pair of blocks: the paper's L_o (Muralidharan et al. 2024, section 3). */
export function blockOutputLoss(options: IntermediateStateOptions = {}): DistillationLoss<'blockOutput'> {
  return intermediateState('block-output', 'block outputs', 'blockOutput', options);
}
