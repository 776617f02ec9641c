// Loss balancers by name, with their options.
import { lossBalancer } from '@espalier/core';
import { z } from 'zod';
import { dynamicAlphaBalancer } from '../balancers/dynamic-alpha.js';
import { lmLossBalancer } from '../balancers/lm-loss.js';
import { staticBalancer } from '../balancers/static.js';

/** The loss balancers of this package. */
export const balancers = [
  lossBalancer(staticBalancer),
  lossBalancer(dynamicAlphaBalancer),
  lossBalancer({
    name: lmLossBalancer().name,
    summary: lmLossBalancer().summary,
    options: z.strictObject({ scale: z.number().positive().default(1) }),
    create: lmLossBalancer,
  }),
];
