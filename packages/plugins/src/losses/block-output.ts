// Distillation of what a block hands on.
import type { DistillationLoss } from '@espalier/core';
import { intermediateState, type IntermediateStateOptions } from './intermediate-state.js';

/**
 * Mean over valid tokens of 1 − cos(s, t) or (1/C)·Σ_c (s − t)², t the teacher's and s the student's `[N, C]`, projected to the
 * teacher's width, of the residual stream after a pair of blocks: the paper's L_o (Muralidharan et al. 2024, section 3).
 */
export function blockOutputLoss(options: IntermediateStateOptions = {}): DistillationLoss<'blockOutput'> {
  return intermediateState('block-output', 'block outputs', 'blockOutput', options);
}
