// Layers paired by their share of the depth.
import { strategy, uniformPairs } from '@espalier/core';

/** Student layer s with teacher layer round((s + 1)·T/S) − 1: the identity for equal depths, the last with the last otherwise. */
export const uniformMapping = strategy('mapping', {
  name: 'uniform',
  summary: 'every student layer with the teacher layer at the same share of the depth',
  create: () => ({ pairs: uniformPairs }),
});
