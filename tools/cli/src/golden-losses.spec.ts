// Every loss term and balancer, value and gradient, in float32 on ONNX Runtime against PyTorch's float64 (tools/oracle/losses.py).
// The float64 comparison is in @espalier/plugins.
import { ortBackend } from '@espalier/backend-ort';
import { createRunContainer, createStrategy } from '@espalier/core';
import { hostTensor, program, type HostTensors, type TensorTypes } from '@espalier/core/graph';
import {
  caseInputs,
  caseName,
  caseOptions,
  caseStates,
  chunkedCaseOptions,
  expectClose,
  lossOutputs,
  readGoldenLosses,
  type LossStrategies,
} from '@espalier/testing';
import { minitronPlugin } from '@espalier/plugins';
import { expect, test } from 'vitest';

const golden = await readGoldenLosses(
  new URL('../../../packages/core/src/testing/fixtures/losses/golden.json', import.meta.url),
);
const container = createRunContainer([minitronPlugin]);
const make: LossStrategies = {
  loss: (name, options) => createStrategy(container, 'loss', name, options),
  balancer: (name, options) => createStrategy(container, 'balancer', name, options),
  mapping: (name, options) => createStrategy(container, 'mapping', name, options),
};

function tensors(types: TensorTypes, values: Readonly<Record<string, readonly number[]>>): HostTensors {
  const entries = Object.entries(types).map(([name, type]) => [name, hostTensor(type, values[name] ?? [])] as const);
  return Object.fromEntries(entries);
}

test.each(golden.cases.map((own) => [caseName(own), own] as const))('%s', async (_name, own) => {
  // All logits at once, and of two rows at a time.
  for (const options of [caseOptions(golden, own, make), chunkedCaseOptions(golden, own, make, 2)]) {
    const backend = ortBackend();
    const losses = program('losses', { outputs: lossOutputs(options) });
    const state = await backend.createState(losses.states);
    await state.write(tensors(losses.states, caseStates(golden)));
    const executable = await backend.compile(losses);
    const { value, ...gradients } = await executable.run(tensors(losses.inputs, caseInputs(golden)), state);
    expect(Math.abs((value?.data[0] ?? NaN) / own.value - 1)).toBeLessThan(1e-5);
    for (const [name, expected] of Object.entries(own.gradients)) {
      const size = Math.max(...expected.data.map(Math.abs), 1e-30);
      const relative = (data: ArrayLike<number>): number[] => Array.from(data, (x) => x / size);
      expectClose(relative(gradients[name]?.data ?? []), relative(expected.data), 1e-5, name);
    }
    await executable.dispose();
    await state.dispose();
  }
});
