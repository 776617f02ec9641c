// The backend as a plugin, so that a recipe or a flag can name it.
import { backend, definePlugin } from '@espalier/core';
import { z } from 'zod';
import { tfjsBackend } from './tfjs-backend.js';

/** The plugin that provides the backend `tfjs`; its options are those of `tfjsBackend`. */
export const tfjsPlugin = definePlugin({
  name: '@espalier/backend-tfjs',
  provides: [
    backend({
      name: 'tfjs',
      summary: 'TensorFlow.js: wasm, webgpu, node, node-gpu, cpu',
      options: z.strictObject({ device: z.string().optional() }),
      create: ({ device }) => tfjsBackend(device === undefined ? {} : { device }),
    }),
  ],
});
