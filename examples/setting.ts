// What the examples share: the bundled teacher, its text in batches, and a context.
import { fileURLToPath } from 'node:url';
import {
  loadModel,
  packed,
  random,
  type Model,
  type StageContext,
  type SizedBatches,
  type TrainingDocuments,
} from '@espalier/core';
import type { Backend } from '@espalier/core/graph';
import { ortBackend } from '@espalier/backend-ort';
import { llama, tinyTalesAssets, tinyTalesSource } from '@espalier/plugins';

/** Sequences in a batch, tokens in a sequence. */
export const size = { batch: 4, length: 64 };

/** The bundled model of 1.2M parameters. */
export async function bundledTeacher(): Promise<Model> {
  const { model } = await loadModel(fileURLToPath(tinyTalesAssets), [llama()]);
  return model;
}

/** A context on ONNX Runtime, or another backend. */
export function context(backend: Backend = ortBackend(), seed = 1): StageContext {
  return { backend, random: random(seed) };
}

/** Endless TinyTales as batches, anew at every pass. */
export function text(teacher: Model, { backend, random: stream }: StageContext): SizedBatches {
  async function* tales(): TrainingDocuments {
    const data = await tinyTalesSource().open({ backend, random: stream, teacher, length: size.length });
    yield* data.training(stream.fork('text'));
  }
  return packed(tales(), size);
}
