// Loss terms by name, with their options.
import { lossTerm } from '@espalier/core';
import { z } from 'zod';
import { crossEntropyLoss } from '../losses/cross-entropy.js';
import { forwardKlLoss } from '../losses/forward-kl.js';

/** The loss terms of this package. */
export const losses = [
  lossTerm(crossEntropyLoss),
  lossTerm({
    name: forwardKlLoss().name,
    summary: forwardKlLoss().summary,
    options: z.strictObject({ temperature: z.number().positive().default(1) }),
    create: forwardKlLoss,
  }),
];
