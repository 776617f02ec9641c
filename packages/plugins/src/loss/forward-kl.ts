// Logit distillation with forward KL divergence: Minitron's final recipe.
import { strategy } from '@espalier/core';
import { forwardKl } from '@espalier/core/graph';
import { comparedLogits, logitOptions, scaled } from './logits.js';

/**
 * KL(p ‖ q) = Σ_v p_v·(log p_v − log q_v), p = softmax(teacher / T), q = softmax(student / T), mean over valid tokens
 * (Muralidharan et al. 2024, section 3; NVIDIA's LogitsKLLoss, with `topK` its TopKLogitsKLLoss).
 */
export const forwardKlLoss = strategy('loss', {
  name: 'forward-kl',
  summary: 'KL(p_teacher ‖ p_student), mean over valid tokens',
  options: logitOptions,
  create: (options) => ({
    needsTeacher: true,
    loss(student, teacher, { weights }) {
      const [own, other] = comparedLogits(student, teacher, options);
      return scaled(forwardKl(own, other, weights, { temperature: options.temperature }), options);
    },
  }),
});
