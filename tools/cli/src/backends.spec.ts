// One program, any backend: twenty distillation steps have the losses of the float64 reference evaluator on every pair of backend
// and device that is here, and a whole `compress` runs on another one by one flag. (tfjs:webgpu: backends-webgpu.spec.ts.)
import { ortBackend } from '@espalier/backend-ort';
import { tfjsBackend } from '@espalier/backend-tfjs';
import { expect, test } from 'vitest';
import { describePairs } from './testing/backend-pairs.js';
import { createBench, runCaptured } from './testing/cli-run.js';

await describePairs([
  ...(['cpu', 'webgpu', 'cuda'] as const).map((device) => [`ort:${device}`, ortBackend({ device })] as const),
  ...(['wasm', 'cpu', 'node', 'node-gpu'] as const).map(
    (device) => [`tfjs:${device}`, tfjsBackend({ device })] as const,
  ),
]);

test('compress runs whole on tfjs:wasm, and writes a model that reads back as it was', async () => {
  const bench = await createBench();
  try {
    const { code, stderr } = await bench.compress({ tokens: '640', samples: '4', backend: 'tfjs:wasm' }, [
      '--no-compare',
    ]);
    expect(code, stderr).toBe(0);
  } finally {
    await bench.remove();
  }
});

test.each([
  ['tjfs', 'Perhaps "tfjs" was meant'],
  ['tfjs:wsam', 'Perhaps "wasm" was meant'],
  ['ort:gpu', 'this backend has cpu'],
  ['tfjs:node-gpu', '@tensorflow/tfjs-node-gpu'],
])('--backend %s is refused with what there is', async (backend, message) => {
  const { code, stderr } = await runCaptured('demo', '--backend', backend);
  expect(stderr).toContain(message);
  expect(code).toBe(2);
});

test('devices lists every device, with what absent ones need', async () => {
  const { code, stdout } = await runCaptured('devices');
  expect(code).toBe(0);
  for (const pair of ['ort:cpu', 'tfjs:wasm', 'tfjs:node-gpu']) expect(`\n${stdout}`).toContain(`\n${pair} `);
  expect(stdout).toContain(
    'tfjs:node-gpu: the package @tensorflow/tfjs-node-gpu is not installed. Install it with npm install',
  );
  const listed: unknown = JSON.parse((await runCaptured('devices', '--json')).stdout);
  expect(listed).toContainEqual(expect.objectContaining({ backend: 'ort', name: 'cpu' }));
});
