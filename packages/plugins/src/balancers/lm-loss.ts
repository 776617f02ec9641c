// NVIDIA's balance of distillation and language-model losses.
import { add, multiply, weightedSum, type LossBalancer } from '@espalier/core';
import { asLargeAs, groupTotal } from './groups.js';

/** How much distillation counts beside the text. */
export interface LmLossOptions {
  /** Factor of the distillation part; 1 when not given. */
  readonly scale?: number;
}

/**
 * L = L_CLM + scale · L_kd · (L_CLM / L_kd), L_kd = L_logits + α·L_is with α = L_logits / L_is where states are compared; both
 * ratios held constant in each batch (NVIDIA Model Optimizer's balancer without `skip_lm_loss`). Its `total` throws
 * `InputError` without a loss on the text or on logits.
 */
export function lmLossBalancer({ scale = 1 }: LmLossOptions = {}): LossBalancer {
  return {
    name: 'lm-loss',
    summary: 'L_text + scale · L_distillation, brought to the size of L_text in each batch',
    total(terms) {
      const text = groupTotal('lm-loss', terms, 'data');
      const logits = groupTotal('lm-loss', terms, 'logits');
      const states = weightedSum(terms, 'states');
      const distillation = states === undefined ? logits : add(logits, asLargeAs(states, logits));
      return add(text, multiply(asLargeAs(distillation, text), scale));
    },
  };
}
