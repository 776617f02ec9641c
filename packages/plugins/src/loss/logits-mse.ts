// Logit distillation by squared distance.
import { rowMean, strategy } from '@espalier/core';
import { distances } from './distances.js';

/** (1/V)·Σ_v (s_v − t_v)² over the logits, mean over valid tokens (Muralidharan et al. 2024, table 15). */
export const logitsMseLoss = strategy('loss', {
  name: 'logits-mse',
  summary: 'mean square of student − teacher logits, mean over valid tokens',
  create: () => ({
    needsTeacher: true,
    loss: (student, teacher, { weights }) => rowMean(distances.mse(student.logits, teacher.logits), weights),
  }),
});
