// Exporters by name, with their options.
import { exporter } from '@espalier/core';
import { z } from 'zod';
import { safetensorsExporter } from '../exporters/safetensors.js';
import { count, given } from './options.js';

/** The exporters of this package. */
export const exporters = [
  exporter({
    name: safetensorsExporter().name,
    summary: safetensorsExporter().summary,
    options: z.strictObject({
      storage: z
        .enum(['F32', 'F16', 'BF16'])
        .optional()
        .describe('type that weights are stored in; each keeps its own when not given'),
      maxShardBytes: count.optional().describe('bytes of weights in one file; 5 GB when not given'),
    }),
    create: (options) => safetensorsExporter(given(options)),
  }),
];
