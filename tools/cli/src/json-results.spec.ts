// What `--json` prints has the members that docs/commands.md tells, and no others.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { verbReferences } from './reference.js';
import { createBench, runCaptured, type Bench } from './testing/cli-run.js';

let bench: Bench;
let folder: string;
let run: string;
beforeAll(async () => {
  bench = await createBench();
  folder = await mkdtemp(join(tmpdir(), 'espalier-json-'));
  run = join(bench.folder, 'run');
});
afterAll(() => Promise.all([bench.remove(), rm(folder, { recursive: true, force: true })]));

const told = new Map(verbReferences().flatMap(({ name, json }) => (json === undefined ? [] : [[name, json] as const])));
const parsed = (text: string): unknown => JSON.parse(text);
const membersOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? [...new Set(value.flatMap(membersOf))] : Object.keys(z.looseObject({}).parse(value));

/** The verb's members that its reference does not name. */
async function untold(name: string, ...argv: readonly string[]): Promise<readonly string[]> {
  const { stdout, stderr, code } = await runCaptured(...name.split(' '), ...argv, '--json');
  expect([code, stderr]).toEqual([0, stderr]);
  const members = membersOf(parsed(stdout));
  expect(members.length).toBeGreaterThan(0);
  return members.filter((own) => told.get(name)?.includes(`\`${own}\``) !== true);
}

test('every verb has it but those whose output is a conversation or a script', async () => {
  expect(
    verbReferences()
      .filter(({ json }) => json === undefined)
      .map(({ name }) => name),
  ).toEqual(['chat', 'completion']);
  expect((await runCaptured('completion', 'bash', '--json')).code).toBe(2);
});

test('of a run', async () => {
  const compressed = await bench.compress({ tokens: '64', samples: '4' }, ['--no-compare', '--json']);
  expect(
    membersOf(parsed(compressed.stdout)).filter((own) => !(told.get('compress') ?? '').includes(`\`${own}\``)),
  ).toEqual([]);
  expect(await untold('status', run)).toEqual([]);
  expect(await untold('report', run)).toEqual([]);
  expect(await untold('export', run, '-o', join(folder, 'model'))).toEqual([]);
  expect(await untold('prune', run)).toEqual([]);
});

test('of a model', async () => {
  expect(await untold('plan', '-m', bench.model, '-t', '50%')).toEqual([]);
  expect(await untold('generate', '-m', bench.model, '--max-new-tokens', '4')).toEqual([]);
});

test('of what there is', async () => {
  expect(await untold('recipes ls')).toEqual([]);
  expect(await untold('recipes cat', 'demo')).toEqual([]);
  expect(await untold('recipes copy', 'demo', join(folder, 'demo.yaml'))).toEqual([]);
  expect(await untold('new plugin', 'espalier-plugin-mine', '--kind', 'loss', '-o', join(folder, 'mine'))).toEqual([]);
  expect(await untold('plugins', '--kind', 'loss')).toEqual([]);
  expect(await untold('devices')).toEqual([]);
  expect(await untold('init', '--yes', '-o', join(folder, 'recipe.yaml'))).toEqual([]);
});
