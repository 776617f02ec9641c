// NVIDIA's balance of distillation and language-model losses.
import { strategy, weightedSum } from '@espalier/core';
import { add, multiply } from '@espalier/core/graph';
import { z } from 'zod';
import { asLargeAs, groupTotal } from './groups.js';

/**
 * L = L_CLM + scale · L_kd · (L_CLM / L_kd), L_kd = L_logits + α·L_is with α = L_logits / L_is where states are compared; both
 * ratios held constant in each batch (NVIDIA Model Optimizer's balancer without `skip_lm_loss`). Its `total` throws
 * `InputError` without a loss on the text or on logits.
 */
export const lmLossBalancer = strategy('balancer', {
  name: 'lm-loss',
  summary: 'L_text + scale · L_distillation, brought to the size of L_text in each batch',
  options: z.strictObject({
    scale: z.number().positive().default(1).describe('factor of the distillation part, beside that of the text'),
  }),
  create: ({ scale }) => ({
    total(terms) {
      const text = groupTotal('lm-loss', terms, 'data');
      const logits = groupTotal('lm-loss', terms, 'logits');
      const states = weightedSum(terms, 'states');
      const distillation = states === undefined ? logits : add(logits, asLargeAs(states, logits));
      return add(text, multiply(asLargeAs(distillation, text), scale));
    },
  }),
});
