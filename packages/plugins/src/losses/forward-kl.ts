// Logit distillation with forward KL divergence: Minitron's final recipe.
import { forwardKl, type DistillationLoss } from '@espalier/core';

export interface ForwardKlOptions {
  /** Softens both distributions; 1 is the paper's choice. */
  readonly temperature?: number;
}

/** KL(p_teacher ‖ p_student), mean over valid tokens; no T² factor (Muralidharan et al. 2024, section 3; NVIDIA's LogitsKLLoss). */
export function forwardKlLoss({ temperature = 1 }: ForwardKlOptions = {}): DistillationLoss {
  return {
    name: 'forward-kl',
    summary: 'KL(p_teacher ‖ p_student), mean over valid tokens',
    needsTeacher: true,
    loss: (student, teacher, { weights }) => forwardKl(student.logits, teacher.logits, weights, { temperature }),
  };
}
