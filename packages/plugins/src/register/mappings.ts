// Layer mappings by name, with their options.
import { layerMapping } from '@espalier/core';
import { z } from 'zod';
import { explicitMapping } from '../mappings/explicit.js';
import { fromLastMapping } from '../mappings/from-last.js';
import { uniformMapping } from '../mappings/uniform.js';

const layer = z.int().nonnegative();

/** The layer mappings of this package. */
export const mappings = [
  layerMapping(uniformMapping),
  layerMapping({
    name: fromLastMapping().name,
    summary: fromLastMapping().summary,
    options: z.strictObject({ back: layer.default(2) }),
    create: fromLastMapping,
  }),
  layerMapping({
    name: 'explicit',
    summary: 'the pairs of layers given, 0-based',
    options: z.strictObject({ pairs: z.array(z.strictObject({ student: layer, teacher: layer })).min(1) }),
    create: explicitMapping,
  }),
];
