// `--json` with a model of the hub: the result alone on stdout, what is fetched on stderr, the token on neither.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createBench, type Bench } from './testing/cli-run.js';
import { serveHub } from './testing/hub.js';
import { buildCommand, runProcess } from './testing/process.js';

let bench: Bench;
let hub: Awaited<ReturnType<typeof serveHub>>;
beforeAll(async () => {
  await buildCommand();
  bench = await createBench();
  hub = await serveHub(bench.model);
}, 300_000);
afterAll(async () => {
  vi.unstubAllEnvs();
  await hub.close();
  await bench.remove();
});

test('of a model that is being fetched, only the result is on stdout', async () => {
  vi.stubEnv('HF_ENDPOINT', hub.endpoint);
  vi.stubEnv('HF_HUB_CACHE', join(bench.folder, 'cache'));
  vi.stubEnv('HF_TOKEN', 'hf_planted_token');
  const { code, stdout, stderr } = await runProcess([
    'evaluate',
    '--model',
    'owner/name',
    '--data',
    bench.text,
    '--json',
  ]);
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout)).toHaveProperty('parameters');
  expect(stderr).toContain('owner/name: model.safetensors');
  expect(stdout + stderr).not.toContain('hf_planted_token');
});
