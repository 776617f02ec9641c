// Families on ONNX Runtime: logits as transformers has them, and one masked program that tries many plans: compiled once, it says
// what each cut model says.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ortBackend } from '@espalier/backend-ort';
import { applyPlan, createRunner, maskInputs, maskValues, random, runnerWeights } from '@espalier/core';
import { hostIntegers, input, program } from '@espalier/core/graph';
import {
  expectClose,
  fixtureModel,
  modelLogits,
  randomPlan,
  unpack,
  type PackedTensor,
  type PlanAxis,
} from '@espalier/testing';
import { llama, mistral, nemotron, qwen2, qwen3 } from '@espalier/plugins';
import { describe, test } from 'vitest';

const fixtures = new URL('../../../packages/core/src/testing/fixtures/families/', import.meta.url);
const axes: readonly PlanAxis[] = ['hidden', 'ffn', 'heads', 'kvHeads', 'layers', 'attention', 'feedForward'];
const context = { backend: ortBackend() };

describe.each([
  ['llama-2', llama()],
  ['llama-3.2', llama()],
  ['mistral', mistral()],
  ['nemotron', nemotron()],
  ['qwen2', qwen2()],
  ['qwen3', qwen3()],
] as const)('%s on ONNX Runtime', (name, family) => {
  const load = () => fixtureModel(fileURLToPath(new URL(name, fixtures)), family);

  test('gives the logits of transformers', async () => {
    const text = await readFile(new URL(`${name}/golden.json`, fixtures), 'utf8');
    const { ids, logits } = JSON.parse(text) as { ids: number[][]; logits: PackedTensor };
    expectClose(await modelLogits(await load(), ids, context), unpack(logits), 1e-5);
  });

  test('five plans with one program', async () => {
    const model = await load();
    const { architecture } = model;
    const stream = random(5).fork(name);
    const rows = [Array.from({ length: 8 }, (_, i) => (37 * i + 11) % architecture.sizes.vocab)];
    const ids = hostIntegers(rows.flat(), [1, 8]);
    const inputs = {
      ids: input('ids', [1, 8], 'int32'),
      weight: runnerWeights(model),
      masks: maskInputs(architecture),
    };
    const masked = program('masked', { outputs: { logits: family.forward(architecture, inputs) } });
    const runner = await createRunner(model, context);
    try {
      for (let index = 0; index < 5; index++) {
        const cut = axes.filter(() => stream.uniform() < 0.6);
        const plan = randomPlan(architecture, cut, stream);
        const { logits } = await runner.run(masked, { ids, ...maskValues(architecture, plan) });
        const sliced = await modelLogits(applyPlan(model, plan), rows, context);
        expectClose(Array.from(logits?.data ?? [], Number), sliced, 1e-5, `plan ${index}`);
      }
    } finally {
      await runner.dispose();
    }
  });
});
