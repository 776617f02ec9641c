// Logit distillation with reverse KL divergence: the student keeps to what the teacher finds likely.
import { reverseKl, type DistillationLoss } from '@espalier/core';
import { comparedLogits, scaled, type LogitOptions } from './logits.js';

/**
 * KL(q ‖ p) = Σ_v q_v·(log q_v − log p_v), q = softmax(student / T), p = softmax(teacher / T), mean over valid tokens (Gu et al.
 * 2024, "MiniLLM"; NVIDIA's LogitsKLLoss with `reverse`).
 */
export function reverseKlLoss(options: LogitOptions = {}): DistillationLoss<never> {
  const { temperature = 1 } = options;
  return {
    name: 'reverse-kl',
    summary: 'KL(p_student ‖ p_teacher), mean over valid tokens',
    needsTeacher: true,
    loss(student, teacher, { weights }) {
      const [own, other] = comparedLogits(student, teacher, options);
      return scaled(reverseKl(own, other, weights, { temperature }), options);
    },
  };
}
