// Ordinary language-model loss.
import { crossEntropy, type DataLoss } from '@espalier/core';

/** −log q(next token) of the student, mean over valid tokens. */
export const crossEntropyLoss: DataLoss = {
  name: 'cross-entropy',
  summary: '−log q(next token), mean over valid tokens',
  needsTeacher: false,
  loss: ({ logits }, { targets, weights }) => crossEntropy(logits, targets, weights),
};
