// The form that most tools read: a Hugging Face model folder.
import { checkSaveTarget, exportModel, type Exporter, type ExportOptions } from '@espalier/core';

/** How weights are stored. */
export interface SafetensorsOptions {
  /** Type in which weights are stored; each keeps the one it was loaded with when not given. */
  readonly storage?: 'F32' | 'F16' | 'BF16';
  /** Bytes of weights in one file before another is begun; 5 GB when not given, as transformers has it. */
  readonly maxShardBytes?: number;
}

/**
 * config.json, weights as safetensors, tokenizer and other small files, as the source folder had them. Weights are rounded to `storage`, to
 * nearest, ties to even; without it they are the very bits that were measured.
 */
export function safetensorsExporter(options: SafetensorsOptions = {}): Exporter {
  return {
    name: 'safetensors',
    summary:
      'Hugging Face model folder, as transformers, vLLM and the converters of llama.cpp and transformers.js read it',
    reloads: true,
    async check(path, { overwrite }) {
      await checkSaveTarget(path, overwrite);
    },
    async export(model, path, { overwrite }) {
      await exportModel(model, path, { ...options, overwrite } satisfies ExportOptions);
    },
  };
}
