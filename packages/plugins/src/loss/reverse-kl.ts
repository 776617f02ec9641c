// Logit distillation with reverse KL divergence: the student keeps to what the teacher finds likely.
import { strategy } from '@espalier/core';
import { reverseKl } from '@espalier/core/graph';
import { comparedLogits, logitOptions, scaled } from './logits.js';

/**
 * KL(q ‖ p) = Σ_v q_v·(log q_v − log p_v), q = softmax(student / T), p = softmax(teacher / T), mean over valid tokens (Gu et al.
 * 2024, "MiniLLM"; NVIDIA's LogitsKLLoss with `reverse`).
 */
export const reverseKlLoss = strategy('loss', {
  name: 'reverse-kl',
  summary: 'KL(p_student ‖ p_teacher), mean over valid tokens',
  options: logitOptions,
  create: (options) => ({
    needsTeacher: true,
    loss(student, teacher, { weights }) {
      const [own, other] = comparedLogits(student, teacher, options);
      return scaled(reverseKl(own, other, weights, { temperature: options.temperature }), options);
    },
  }),
});
