// The backend as a plugin, so that a recipe or a flag can name it.
import { definePlugin, defineStrategy } from '@espalier/core';
import { z } from 'zod';
import { ortBackend } from './ort-backend.js';

export const ortPlugin = definePlugin({
  name: '@espalier/backend-ort',
  provides: [
    defineStrategy('backend', {
      name: 'ort',
      summary: 'ONNX Runtime: whole programs on the CPU provider',
      options: z.strictObject({ threads: z.int().positive().optional(), profile: z.string().optional() }),
      create: ({ threads, profile }) =>
        ortBackend({ ...(threads === undefined ? {} : { threads }), ...(profile === undefined ? {} : { profile }) }),
    }),
  ],
});
