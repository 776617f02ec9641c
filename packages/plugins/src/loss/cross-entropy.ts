// Ordinary language-model loss.
import { strategy } from '@espalier/core';
import { crossEntropy } from '@espalier/core/graph';

/** L = −log q(next token) of the student in nats, mean over valid tokens: L_CLM in Muralidharan et al. 2024, section 3. */
export const crossEntropyLoss = strategy('loss', {
  name: 'cross-entropy',
  summary: '−log q(next token), mean over valid tokens',
  create: () => ({
    needsTeacher: false,
    loss: ({ logits }, { targets, weights }) => crossEntropy(logits, targets, weights),
  }),
});
