// Text that the tiny model knows best, because it wrote it: for strategies that measure how well a model does.
import { createGenerator, random, type Model } from '@espalier/core';
import { referenceBackend } from '@espalier/core/graph';
import { tinyModel } from './tiny-model.js';

/** Six documents of 10 token ids: after a first token of its own, each goes on with what the model finds likeliest. */
export async function tinyDocuments(model: Model = tinyModel()): Promise<readonly (readonly number[])[]> {
  const [batch, length] = [6, 10];
  const prompt = Array.from({ length: batch }, (_, index) => [3 + index]);
  const options = { batch, length, temperature: 0, prompt };
  const generator = await createGenerator(model, { backend: referenceBackend() }, options);
  try {
    const ids = await generator.sample(random(1));
    return prompt.map((_, row) => Array.from(ids.subarray(row * length, (row + 1) * length)));
  } finally {
    await generator.dispose();
  }
}
