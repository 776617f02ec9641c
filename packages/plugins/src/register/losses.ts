// Loss terms by name, with their options.
import { lossTerm } from '@espalier/core';
import { z } from 'zod';
import { attentionOutputLoss } from '../losses/attention-output.js';
import { attentionRelationLoss, type AttentionRelationOptions } from '../losses/attention-relation.js';
import { blockOutputLoss } from '../losses/block-output.js';
import { crossEntropyLoss } from '../losses/cross-entropy.js';
import { embeddingOutputLoss } from '../losses/embedding-output.js';
import { forwardKlLoss } from '../losses/forward-kl.js';
import { jensenShannonLoss } from '../losses/jensen-shannon.js';
import type { LogitOptions } from '../losses/logits.js';
import { logitsCosineLoss } from '../losses/logits-cosine.js';
import { logitsMseLoss } from '../losses/logits-mse.js';
import { mlpInputLoss } from '../losses/mlp-input.js';
import { reverseKlLoss } from '../losses/reverse-kl.js';
import { count, given } from './options.js';

const logits = z.strictObject({
  temperature: z.number().positive().default(1),
  scaleByTemperature: z.boolean().default(false),
  topK: count.optional(),
});
const intermediate = z.strictObject({ distance: z.enum(['cosine', 'mse']).default('cosine') });

/** The loss terms of this package. */
export const losses = [
  lossTerm(crossEntropyLoss),
  lossTerm({
    name: forwardKlLoss().name,
    summary: forwardKlLoss().summary,
    options: logits,
    create: (options) => forwardKlLoss(given<LogitOptions>(options)),
  }),
  lossTerm({
    name: reverseKlLoss().name,
    summary: reverseKlLoss().summary,
    options: logits,
    create: (options) => reverseKlLoss(given<LogitOptions>(options)),
  }),
  lossTerm({
    name: jensenShannonLoss().name,
    summary: jensenShannonLoss().summary,
    options: logits.extend({ beta: z.number().gt(0).lt(1).default(0.5) }),
    create: ({ beta, ...options }) => jensenShannonLoss({ ...given<LogitOptions>(options), beta }),
  }),
  lossTerm(logitsMseLoss),
  lossTerm(logitsCosineLoss),
  ...[blockOutputLoss, mlpInputLoss, attentionOutputLoss, embeddingOutputLoss].map((create) =>
    lossTerm({ name: create().name, summary: create().summary, options: intermediate, create }),
  ),
  lossTerm({
    name: attentionRelationLoss().name,
    summary: attentionRelationLoss().summary,
    options: z.strictObject({ relationHeads: count.optional() }),
    create: (options) => attentionRelationLoss(given<AttentionRelationOptions>(options)),
  }),
];
