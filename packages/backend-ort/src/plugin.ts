// The backend as a plugin, so that a recipe or a flag can name it.
import { backend, definePlugin } from '@espalier/core';
import { z } from 'zod';
import { ortBackend } from './ort-backend.js';

/** The plugin that provides the backend `ort`; its options are those of `ortBackend`. */
export const ortPlugin = definePlugin({
  name: '@espalier/backend-ort',
  provides: [
    backend({
      name: 'ort',
      summary: 'ONNX Runtime, a whole program as one graph: cpu, webgpu, cuda (unverified), auto',
      options: z.strictObject({
        device: z.string().optional(),
        threads: z.int().positive().optional(),
        profile: z.string().optional(),
      }),
      create: ({ device, threads, profile }) =>
        ortBackend({
          ...(device === undefined ? {} : { device }),
          ...(threads === undefined ? {} : { threads }),
          ...(profile === undefined ? {} : { profile }),
        }),
    }),
  ],
});
