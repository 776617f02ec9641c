// Learning-rate schedules by name, with their options.
import { schedule } from '@espalier/core';
import { z } from 'zod';
import { constantRate } from '../schedules/constant.js';
import { cosine, type CosineOptions } from '../schedules/cosine.js';
import { linear } from '../schedules/linear.js';
import { wsd } from '../schedules/wsd.js';
import { given, share } from './options.js';

const flat = z.strictObject({ peak: z.number().positive(), warmup: z.int().nonnegative().default(0) });
const falling = flat.extend({ minimum: z.number().nonnegative().optional() });

/** The schedules of this package. */
export const schedules = [
  schedule({
    name: 'cosine',
    summary: 'linear warm-up, then half a cosine from the peak to the minimum',
    options: falling,
    create: (options) => cosine(given<CosineOptions>(options)),
  }),
  schedule({
    name: 'linear',
    summary: 'linear warm-up, then linear from the peak to the minimum',
    options: falling,
    create: (options) => linear(given<CosineOptions>(options)),
  }),
  schedule({ name: 'constant', summary: 'linear warm-up, then the peak', options: flat, create: constantRate }),
  schedule({
    name: 'wsd',
    summary: 'linear warm-up, the peak, and linear to the minimum at the end',
    options: falling.extend({ decay: share.default(0.1) }),
    create: ({ decay, ...options }) => wsd({ ...given<CosineOptions>(options), decay }),
  }),
];
