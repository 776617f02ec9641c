// Pruners by name, with their options.
import { pruner } from '@espalier/core';
import { z } from 'zod';
import { depthPruner } from '../pruners/depth.js';
import { jointPruner } from '../pruners/joint.js';
import { sublayerPruner } from '../pruners/sublayer.js';
import { widthPruner } from '../pruners/width.js';

const order = z.enum(['original', 'importance']).default('original');
const contiguous = z.boolean().default(false);
const mergeHeads = z.boolean().default(false);

/** The pruners of this package. */
export const pruners = [
  pruner({
    name: widthPruner().name,
    summary: widthPruner().summary,
    options: z.strictObject({ order, mergeHeads }),
    create: widthPruner,
  }),
  pruner({
    name: depthPruner().name,
    summary: depthPruner().summary,
    options: z.strictObject({ contiguous }),
    create: depthPruner,
  }),
  pruner({
    name: sublayerPruner().name,
    summary: sublayerPruner().summary,
    options: z.strictObject({ contiguous }),
    create: sublayerPruner,
  }),
  pruner({
    name: jointPruner().name,
    summary: jointPruner().summary,
    options: z.strictObject({ order, mergeHeads, contiguous }),
    create: jointPruner,
  }),
];
