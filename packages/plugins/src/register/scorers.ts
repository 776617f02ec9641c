// Importance scorers by name, with their options.
import { scorer } from '@espalier/core';
import { z } from 'zod';
import { aggregationNamed, aggregationNames, l2Mean } from '../aggregations/aggregation.js';
import { activationScorer } from '../scorers/activation.js';
import { blockInfluenceScorer } from '../scorers/block-influence.js';
import { magnitudeScorer } from '../scorers/magnitude.js';
import { randomScorer } from '../scorers/random.js';
import { taylorScorer } from '../scorers/taylor.js';
import { wandaScorer } from '../scorers/wanda.js';
import { count } from './options.js';

/** The scorers of this package. */
export const scorers = [
  scorer({
    name: activationScorer().name,
    summary: activationScorer().summary,
    options: z.strictObject({
      aggregation: z.enum(aggregationNames).default(l2Mean.name),
      headNorm: z.enum(['after', 'before']).default('after'),
      moments: z.enum(['all', 'needed']).default('all'),
    }),
    create: ({ aggregation, ...rest }) => activationScorer({ ...rest, aggregation: aggregationNamed(aggregation) }),
  }),
  scorer({
    name: blockInfluenceScorer().name,
    summary: blockInfluenceScorer().summary,
    options: z.strictObject({ blocks: z.array(count).default([]), halves: z.boolean().default(false) }),
    create: blockInfluenceScorer,
  }),
  scorer(magnitudeScorer),
  scorer(wandaScorer),
  scorer(taylorScorer),
  scorer(randomScorer),
];
