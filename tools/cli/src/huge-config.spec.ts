// Sizes of a config.json that no model has: refused before anything is listed or allocated, with or without weights.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createBench, runCaptured, type Bench } from './testing/cli-run.js';

let bench: Bench;
let config: Readonly<Record<string, unknown>>;
beforeAll(async () => {
  bench = await createBench();
  config = JSON.parse(await readFile(join(bench.model, 'config.json'), 'utf8')) as typeof config;
});
afterAll(() => bench.remove());

for (const layers of [3_000_000, Number.MAX_SAFE_INTEGER]) {
  test(`${layers} layers are refused by evaluate and by plan`, async () => {
    await writeFile(join(bench.model, 'config.json'), JSON.stringify({ ...config, num_hidden_layers: layers }));
    for (const verb of [
      ['evaluate', '--model', bench.model, '--data', bench.text],
      ['plan', '--model', bench.model, '--target', '50%'],
    ]) {
      const { code, stderr } = await runCaptured(...verb);
      expect(stderr).toContain(
        `config.json gives a number of layers of ${layers}, and at most 10000 can be worked with`,
      );
      expect(code).toBe(2);
    }
  });
}

test('more layers than there are tensors are refused with both numbers', async () => {
  await writeFile(join(bench.model, 'config.json'), JSON.stringify({ ...config, num_hidden_layers: 9_999 }));
  const { code, stderr } = await runCaptured('evaluate', '--model', bench.model, '--data', bench.text);
  expect(stderr).toContain('config.json says 9,999 layers, and the weights are 30 tensors in all');
  expect(code).toBe(2);
});
