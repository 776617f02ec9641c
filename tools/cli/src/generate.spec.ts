// Models side by side: each is named, and writes what it writes alone.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createBench, runCaptured, type Bench } from './testing/cli-run.js';

let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
});
afterAll(() => bench.remove());

const generate = (...more: readonly string[]) =>
  runCaptured('generate', '-m', bench.model, '--prompt', 'the cat', '--max-new-tokens', '6', '--seed', '3', ...more);

test('several models are named and get the same random numbers; one stands alone', async () => {
  const [alone, both] = [await generate(), await generate('-m', bench.model)];
  expect(alone.code, alone.stderr).toBe(0);
  expect(alone.stdout).toMatch(/^the cat/);
  expect(both.stdout).toBe(`── ${bench.model}\n${alone.stdout}── ${bench.model}\n${alone.stdout}`);
});

test('as JSON several models are a list, and one is itself', async () => {
  const one: unknown = JSON.parse((await generate('--json')).stdout);
  expect(one).toMatchObject({ prompt: 'the cat', texts: [expect.any(String)] });
  expect(JSON.parse((await generate('-m', bench.model, '--json')).stdout)).toEqual([one, one]);
});
