// Logit distillation with forward KL divergence: Minitron's final recipe.
import { forwardKl, type DistillationLoss } from '@espalier/core';
import { comparedLogits, scaled, type LogitOptions } from './logits.js';

/**
 * KL(p ‖ q) = Σ_v p_v·(log p_v − log q_v), p = softmax(teacher / T), q = softmax(student / T), mean over valid tokens
 * (Muralidharan et al. 2024, section 3; NVIDIA's LogitsKLLoss, with `topK` its TopKLogitsKLLoss).
 */
export function forwardKlLoss(options: LogitOptions = {}): DistillationLoss<never> {
  const { temperature = 1 } = options;
  return {
    name: 'forward-kl',
    summary: 'KL(p_teacher ‖ p_student), mean over valid tokens',
    needsTeacher: true,
    loss(student, teacher, { weights }) {
      const [own, other] = comparedLogits(student, teacher, options);
      return scaled(forwardKl(own, other, weights, { temperature }), options);
    },
  };
}
