// `espalier evaluate` of several models: a row each, in the order in which they were named.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createBench, runCaptured, type Bench } from '../testing/cli-run.js';

let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
});
afterAll(() => bench.remove());

test('a table has a row for each model, and the JSON a member with the numbers of each alone', async () => {
  const text = ['-d', bench.text, '--max-tokens', '16'];
  const { stdout, stderr, code } = await runCaptured('evaluate', '-m', bench.model, '-m', bench.model, ...text);
  expect(code, stderr).toBe(0);
  const [, ...lines] = stdout.trim().split('\n');
  expect(stdout).toMatch(/^model +parameters/);
  expect(lines.filter((line) => /\d\.\d+/.test(line))).toHaveLength(2);
  const both: unknown = JSON.parse(
    (await runCaptured('evaluate', '-m', bench.model, '-m', bench.model, ...text, '--json')).stdout,
  );
  const alone: unknown = JSON.parse((await runCaptured('evaluate', '-m', bench.model, ...text, '--json')).stdout);
  expect(both).toEqual([alone, alone]);
});

test('models that read a text as different tokens are not compared without a word', async () => {
  const few = ['-d', bench.text, '--max-tokens', '16'];
  const { stderr } = await runCaptured('evaluate', '-m', bench.model, '-m', 'tinytales', ...few);
  expect(stderr).toMatch(/read the text as different tokens/);
  expect((await runCaptured('evaluate', '-m', bench.model, '-m', bench.model, ...few)).stderr).not.toMatch(/different/);
});
