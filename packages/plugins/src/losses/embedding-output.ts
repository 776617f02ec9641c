// Distillation of the token embeddings.
import type { DistillationLoss } from '@espalier/core';
import { intermediateState, type IntermediateStateOptions } from './intermediate-state.js';

/**
 * Mean over valid tokens of 1 − cos(s, t) or (1/C)·Σ_c (s − t)², t the teacher's and s the student's `[N, C]`, projected to the
 * teacher's width, of the embeddings that enter the first block: the paper's L_emb (Muralidharan et al. 2024, section 3).
 */
export function embeddingOutputLoss(options: IntermediateStateOptions = {}): DistillationLoss<'embedding'> {
  return intermediateState('embedding-output', 'token embeddings', 'embedding', options);
}
