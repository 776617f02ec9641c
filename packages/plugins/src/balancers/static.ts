// Fixed factors between loss terms.
import { InputError, weightedSum, type LossBalancer } from '@espalier/core';

/** L = Σ weight · term, the weights as given with the terms. `total` throws `InputError` without a term. */
export const staticBalancer: LossBalancer = {
  name: 'static',
  summary: 'Σ weight · term',
  total(terms) {
    const total = weightedSum(terms);
    if (total !== undefined) return total;
    throw new InputError({ asked: 'balance losses', found: 'there is no term', fix: 'Give at least one' });
  },
};
