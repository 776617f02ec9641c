// Importance scorers by name.
import { scorer } from '@espalier/core';
import { activationScorer } from '../scorers/activation.js';
import { blockInfluenceScorer } from '../scorers/block-influence.js';

/** The scorers of this package. */
export const scorers = [scorer(activationScorer), scorer(blockInfluenceScorer)];
