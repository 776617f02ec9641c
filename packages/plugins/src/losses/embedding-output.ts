// Distillation of the token embeddings.
import type { DistillationLoss } from '@espalier/core';
import { intermediateState, type IntermediateStateOptions } from './intermediate-state.js';

/** Distance of the embeddings that enter the first block: the paper's L_emb (Muralidharan et al. 2024, section 3). */
export function embeddingOutputLoss(options: IntermediateStateOptions = {}): DistillationLoss<'embedding'> {
  return intermediateState('embedding-output', 'token embeddings', 'embedding', options);
}
