// Logit distillation by angle.
import { rowMean, strategy } from '@espalier/core';
import { distances } from './distances.js';

/** 1 − cos(s, t) between the logits of a token, mean over valid tokens (Muralidharan et al. 2024, table 15). */
export const logitsCosineLoss = strategy('loss', {
  name: 'logits-cosine',
  summary: '1 − cosine of student and teacher logits, mean over valid tokens',
  create: () => ({
    needsTeacher: true,
    loss: (student, teacher, { weights }) => rowMean(distances.cosine(student.logits, teacher.logits), weights),
  }),
});
