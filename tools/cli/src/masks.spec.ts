// One masked program on ONNX Runtime tries many plans: compiled once, it says what each cut model says.
import { fileURLToPath } from 'node:url';
import { ortBackend } from '@espalier/backend-ort';
import {
  applyPlan,
  createRunner,
  hostIntegers,
  input,
  maskInputs,
  maskValues,
  program,
  random,
  runnerWeights,
} from '@espalier/core';
import { expectClose, fixtureModel, modelLogits, randomPlan, type PlanAxis } from '@espalier/core/testing';
import { llama } from '@espalier/plugins';
import { test } from 'vitest';

const fixtures = new URL('../../../packages/core/src/testing/fixtures/', import.meta.url);
const axes: readonly PlanAxis[] = ['hidden', 'ffn', 'heads', 'kvHeads', 'layers', 'attention', 'feedForward'];
const rows = [Array.from({ length: 12 }, (_, i) => (37 * i + 11) % 80)];

test.each(['tiny-llama', 'tiny-llama-tied'])('ten plans of %s with one program', async (name) => {
  const context = { backend: ortBackend() };
  const model = await fixtureModel(fileURLToPath(new URL(name, fixtures)), llama);
  const { architecture } = model;
  const stream = random(5).fork(name);
  const ids = hostIntegers(rows.flat(), [1, 12]);
  const inputs = { ids: input('ids', [1, 12], 'int32'), weight: runnerWeights(model), masks: maskInputs(architecture) };
  const masked = program('masked', { outputs: { logits: llama.forward(architecture, inputs) } });
  const runner = await createRunner(model, context);
  try {
    for (let index = 0; index < 10; index++) {
      const plan = randomPlan(
        architecture,
        axes.filter(() => stream.uniform() < 0.6),
        stream,
      );
      const { logits } = await runner.run(masked, { ids, ...maskValues(architecture, plan) });
      const sliced = await modelLogits(applyPlan(model, plan), rows, context);
      expectClose(Array.from(logits?.data ?? [], Number), sliced, 1e-5, `plan ${index}`);
    }
  } finally {
    await runner.dispose();
  }
});
