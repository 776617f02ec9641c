import { strategy } from '@espalier/core';
import { forwardKl, multiply } from '@espalier/core/graph';

export const loss = strategy('loss', {
  name: 'rising-kl',
  summary: 'KL divergence whose weight rises from nothing to 1',
  create: () => ({
    needsTeacher: true,
    scalars: (step, steps) => ({ share: (step + 1) / steps }),
    loss(student, teacher, { weights }, { scalars: { share } }) {
      if (!share) throw new RangeError('rising-kl: its scalar is missing');
      return multiply(forwardKl(student.logits, teacher.logits, weights), share);
    },
  }),
});
