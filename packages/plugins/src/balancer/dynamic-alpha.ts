// Minitron's balance of logit and intermediate-state losses.
import { strategy, weightedSum } from '@espalier/core';
import { add } from '@espalier/core/graph';
import { asLargeAs, groupTotal } from './groups.js';

/**
 * L = L_CLM + L_logits + α·L_is, α = L_logits / L_is held constant in each batch (Muralidharan et al. 2024, section 3); L_CLM
 * only where a loss on the text is given. Its value is therefore 2·L_logits: only its gradient and its terms inform. `total`
 * throws `InputError` without a loss on logits or on states.
 */
export const dynamicAlphaBalancer = strategy('balancer', {
  name: 'dynamic-alpha',
  summary: 'L_logits + α·L_states, α = L_logits / L_states anew in each batch; a loss on the text is added as it is',
  create: () => ({
    total(terms) {
      const logits = groupTotal('dynamic-alpha', terms, 'logits');
      const states = groupTotal('dynamic-alpha', terms, 'states');
      const text = weightedSum(terms, 'data');
      const distillation = add(logits, asLargeAs(states, logits));
      return text === undefined ? distillation : add(text, distillation);
    },
  }),
});
