// Fixed factors between loss terms.
import { InputError, strategy, weightedSum } from '@espalier/core';

/** L = Σ weight · term, the weights as given with the terms. `total` throws `InputError` without a term. */
export const staticBalancer = strategy('balancer', {
  name: 'static',
  summary: 'Σ weight · term',
  create: () => ({
    total(terms) {
      const total = weightedSum(terms);
      if (total !== undefined) return total;
      throw new InputError({ asked: 'balance losses', found: 'there is no term', fix: 'Give at least one' });
    },
  }),
});
