// Distillation of the token embeddings.
import { strategy } from '@espalier/core';
import { stateDistance, stateOptions } from './intermediate-state.js';

/**
 * Mean over valid tokens of 1 − cos(s, t) or (1/C)·Σ_c (s − t)², t the teacher's and s the student's `[N, C]`, projected to the
 * teacher's width, of the embeddings that enter the first block: the paper's L_emb (Muralidharan et al. 2024, section 3).
 */
export const embeddingOutputLoss = strategy('loss', {
  name: 'embedding-output',
  summary: '1 − cosine, or mean square difference, of token embeddings, mean over valid tokens',
  options: stateOptions,
  create: ({ distance }) => stateDistance('embedding', distance),
});
