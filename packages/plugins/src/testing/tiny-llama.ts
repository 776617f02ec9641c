// The fixture `tiny-llama` as a model, and what a model says, for the tests of this package.
import { fileURLToPath } from 'node:url';
import { createRunner, runnerWeights, type Model, type Tap } from '@espalier/core';
import { hostIntegers, input, program, referenceBackend } from '@espalier/core/graph';
import { fixtureModel } from '@espalier/testing';
import { llama } from '../family/llama.js';

/** Path of a file or folder among core's fixtures. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`../../../core/src/testing/fixtures/${name}`, import.meta.url));
}

/** 3 layers, hidden 32, ffn 44, heads 4 / kv 2 of 12, vocab 96; it has no tokenizer, and needs none. */
export function tinyLlama(): Promise<Model> {
  return fixtureModel(fixture('tiny-llama'), llama());
}

/** Logits of two sequences of 12 tokens, computed in float64. */
export async function logits(model: Model, tap?: Tap): Promise<Float32Array> {
  const [batch, length] = [2, 12];
  const ids = Array.from({ length: batch * length }, (_, i) => (37 * i + 11) % model.architecture.sizes.vocab);
  const inputs = { ids: input('ids', [batch, length], 'int32'), weight: runnerWeights(model) };
  const outputs = { logits: model.family.forward(model.architecture, tap === undefined ? inputs : { ...inputs, tap }) };
  const runner = await createRunner(model, { backend: referenceBackend() });
  const { logits: result } = await runner.run(program('logits', { outputs }), {
    ids: hostIntegers(ids, [batch, length]),
  });
  await runner.dispose();
  if (result?.dtype !== 'float32') throw new Error('no logits');
  return result.data;
}
