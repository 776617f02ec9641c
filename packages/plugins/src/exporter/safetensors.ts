// The form that most tools read: a Hugging Face model folder.
import { checkSaveTarget, exportModel, strategy } from '@espalier/core';
import { z } from 'zod';
import { count } from '../options.js';

/**
 * config.json, weights as safetensors, tokenizer and other small files, as the source folder had them. Weights are rounded to `storage`, to
 * nearest, ties to even; without it they are the very bits that were measured.
 */
export const safetensorsExporter = strategy('exporter', {
  name: 'safetensors',
  summary:
    'Hugging Face model folder, as transformers, vLLM and the converters of llama.cpp and transformers.js read it',
  options: z.strictObject({
    storage: z
      .enum(['F32', 'F16', 'BF16'])
      .exactOptional()
      .describe('type that weights are stored in; each keeps the one it was loaded with when not given'),
    maxShardBytes: count
      .exactOptional()
      .describe('bytes of weights in one file before another is begun; 5 GB when not given, as transformers has it'),
  }),
  create: (options) => ({
    reloads: true,
    async check(path, { overwrite }) {
      await checkSaveTarget(path, overwrite);
    },
    async export(model, path, { overwrite, watch }) {
      await exportModel(model, path, { ...options, overwrite, watch });
    },
  }),
});
