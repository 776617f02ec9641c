// What the verbs say of this machine: all of it on stdout, whatever is refused on stderr, in the words of compress.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { buildCommand, runProcess } from './testing/process.js';
import { createBench, runCaptured, type Bench } from './testing/cli-run.js';

let bench: Bench;
let huge = '';
beforeAll(async () => {
  bench = await createBench();
  huge = join(bench.folder, 'huge');
  await mkdir(huge);
  const config = {
    ...{ model_type: 'llama', hidden_size: 16384, intermediate_size: 53248, num_hidden_layers: 126 },
    ...{ num_attention_heads: 128, num_key_value_heads: 8, vocab_size: 128256, max_position_embeddings: 8192 },
    ...{ rms_norm_eps: 1e-5, rope_theta: 500000, hidden_act: 'silu', tie_word_embeddings: false },
  };
  await writeFile(join(huge, 'config.json'), JSON.stringify(config));
});
afterAll(() => bench.remove());

test('doctor tells memory, disk, cores, speed, devices, and what fits', async () => {
  const { code, stdout } = await runCaptured('doctor', '--model', bench.model, '--hours', '2');
  expect(code).toBe(0);
  for (const line of [/^memory .* free$/m, /^disk .* free for runs$/m, /^cores +\d+$/m, /GFLOP\/s/, /ort:cpu/])
    expect(stdout).toMatch(line);
  expect(stdout).toMatch(/distil +fits: .*, [\d.]+[kMB] tokens in 2 h/);
  expect(stdout.split('\n').every((line) => line.length <= 140)).toBe(true);
});

test('devices that are looked for in another process are the same, and their libraries print nothing here', async () => {
  await buildCommand();
  const here = z
    .array(z.object({ backend: z.string(), name: z.string() }))
    .parse(JSON.parse((await runCaptured('devices', '--json')).stdout));
  const { code, stdout, stderr } = await runProcess(['devices']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  for (const { backend, name } of here) expect(`\n${stdout}`).toContain(`\n${backend}:${name} `);
}, 60_000);

test('a plan that this machine cannot follow shows its numbers and the GPUs, and is refused as compress refuses it', async () => {
  const plan = ['--model', huge, '--target', '50%', '--no-compare'];
  const refused = await runCaptured('plan', ...plan, '--no-time', '--gpus', 'missing.yaml');
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  const planned = await runCaptured('plan', ...plan, '--json');
  expect(planned.code).toBe(2);
  const { gpus } = z
    .object({ gpus: z.object({ estimates: z.array(z.object({ devices: z.number() })) }) })
    .parse(JSON.parse(planned.stdout));
  for (const { devices } of gpus.estimates) expect(devices).toBeGreaterThan(10);
  expect(planned.stderr).toMatch(/take step "width" on this machine: it needs at least \d.*TB of memory/);
  const run = ['--data', bench.text, '--out', join(bench.folder, 'o'), '--run', join(bench.folder, 'r')];
  expect(await runCaptured('compress', ...plan, ...run)).toEqual({ code: 2, stdout: '', stderr: planned.stderr });
  const text = await runCaptured('plan', ...plan, '--no-time', '--allow-shortage');
  expect(text.code).toBe(0);
  expect(text.stdout).not.toContain('nothing against this plan');
}, 120_000);
