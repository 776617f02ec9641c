// Planted secrets are looked for in everything that a run writes and says: they are used, and appear nowhere.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createBench, runCaptured, type Bench, type Outcome } from './testing/cli-run.js';

const secrets = {
  PLANTED_DESCRIPTION: 'planted in the description',
  PLANTED_KEY: 'plantedsubscriberkey',
  PLANTED_PIN: '86420975',
  PLANTED_URL: 'planted-part-of-an-address',
  PLANTED_SOURCE: 'planted-option-of-a-source',
  PLANTED_ENTRY: 'forward-kl',
  PLANTED_API_KEY: 'planted-by-the-shell',
};
const hidden = Object.values(secrets).filter((value) => value !== secrets.PLANTED_ENTRY);

const plugin = `
import { definePlugin, openStream, strategy } from '@espalier/core';
import { appendFileSync } from 'node:fs';
import { tap } from 'rxjs';
import { z } from 'zod';
const told = strategy('subscriber', {
  name: 'told',
  summary: '',
  options: z.strictObject({ key: z.string(), pin: z.number(), url: z.string(), out: z.string() }),
  create: ({ key, pin, url, out }) => ({
    listen: (events) => events.pipe(tap((event) => {
      if (event.type !== 'finding' || event.name !== 'run') return;
      appendFileSync(out, JSON.stringify([key, pin, url]) + '\\n');
      throw new Error('the server refuses ' + key + ' at ' + url);
    })),
  }),
});
function* rows(random) {
  for (;;) yield Array.from({ length: 20 }, () => 1 + random.integer(20));
}
const text = strategy('data', {
  name: 'told-text',
  summary: '',
  options: z.strictObject({ key: z.string() }),
  create: ({ key }) => ({
    layout: 'packed',
    open: async (context) => {
      if (!key.startsWith('planted')) throw new Error(key);
      return openStream(rows, context);
    },
  }),
});
export default definePlugin({ name: 'tells', provides: [told, text] });
`;

let bench: Bench;
const at = (...parts: readonly string[]): string => join(bench.folder, ...parts);
const argv = [...process.argv];
beforeAll(async () => {
  bench = await createBench();
  vi.stubEnv('XDG_CONFIG_HOME', at('config'));
  for (const [name, value] of Object.entries(secrets)) vi.stubEnv(name, value);
  await writeFile(at('tells.ts'), plugin);
  await writeFile(at('recipe.yaml'), recipe.replace('HEARD', at('heard')));
});
afterAll(async () => {
  process.argv = argv;
  vi.unstubAllEnvs();
  await bench.remove();
});

const recipe = `
name: told
description: key \${env:PLANTED_DESCRIPTION} </pre><script>alert(1)</script>
model: model
data:
  source: told-text
  key: "\${env:PLANTED_SOURCE}"
plugins: [./tells.ts]
subscribers:
  - name: told
    key: "\${env:PLANTED_KEY}"
    pin: \${env:PLANTED_PIN}
    url: "https://\${env:PLANTED_URL}@host/"
    out: HEARD
evaluation: { evaluators: [perplexity, throughput], maxTokens: 17 }
steps:
  - name: w
    target: ffn=8
    importance: { samples: 4, length: 16 }
    distillation:
      tokens: 128
      length: 16
      batch: 4
      losses: ["\${env:PLANTED_ENTRY}"]
export: { folder: out }
`;

/** The command, whose record has the arguments that the process was begun with. */
function run(...flags: readonly string[]): Promise<Outcome> {
  process.argv = [...argv.slice(0, 2), ...flags, secrets.PLANTED_API_KEY, 'https://me:word-of-pass@host/'];
  return runCaptured(...flags);
}

async function leaks(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((own) => own.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const found: string[] = [];
  for (const file of files) {
    const content = await readFile(file, 'latin1');
    for (const secret of [...hidden, 'word-of-pass']) if (content.includes(secret)) found.push(`${secret} in ${file}`);
  }
  return found;
}

test('a run and its model tell no secret, in files or in what is said, though its plugins are given them', async () => {
  const { code, stdout, stderr } = await run('compress', '--recipe', at('recipe.yaml'), '--run', at('run'), '--trust');
  expect(code, stderr).toBe(0);
  const heard = JSON.stringify([secrets.PLANTED_KEY, 86420975, `https://${secrets.PLANTED_URL}@host/`]);
  expect(await readFile(at('heard'), 'utf8')).toBe(`${heard}\n`);
  expect(await leaks(at('run'))).toEqual([]);
  expect(await leaks(at('out'))).toEqual([]);
  for (const secret of hidden) expect(stdout + stderr).not.toContain(secret);
  expect(stderr).toContain('the server refuses ${env:PLANTED_KEY}');
  const card = await readFile(at('out', 'README.md'), 'utf8');
  expect(card).toContain('${env:PLANTED_DESCRIPTION}');
  expect(await readFile(at('run', 'report.html'), 'utf8')).not.toContain('<script>');
}, 120_000);

test('the model tells no path of the machine', async () => {
  for (const name of (await readdir(at('out'))).filter((own) => /\.(json|md)$/.test(own)))
    expect(await readFile(at('out', name), 'utf8'), name).not.toContain(bench.folder);
});

test('a run is gone on with where its variables are set, by another value too, and asks for one that is not', async () => {
  vi.stubEnv('PLANTED_KEY', 'plantedrenewedkey');
  const again = await run('resume', at('run'));
  expect(again).toMatchObject({ code: 0 });
  expect(await leaks(at('run'))).toEqual([]);
  vi.stubEnv('PLANTED_KEY', undefined);
  const { code, stderr } = await run('resume', at('run'));
  expect(code).toBe(2);
  expect(stderr).toContain('the environment variable PLANTED_KEY is not set');
  expect(await run('status', at('run'))).toMatchObject({ code: 0 });
}, 120_000);
