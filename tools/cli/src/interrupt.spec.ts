// Ctrl-C while the command works, and what an earlier run leaves in the run folder.
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createBench, runCaptured, type Bench } from './testing/cli-run.js';
import { buildCommand, runProcess } from './testing/process.js';

let bench: Bench;
beforeEach(async () => {
  bench = await createBench();
});
afterEach(() => bench.remove());

test('Ctrl-C stops the run with exit code 130 and says how to go on; no model and no summary is left, not even an earlier one', async () => {
  const run = join(bench.folder, 'run');
  await mkdir(run);
  await writeFile(join(run, 'run.json'), '{}');
  await writeFile(join(run, 'summary.json'), '{}');
  const listeners = process.listenerCount('SIGINT');
  const outcome = bench.compress({ tokens: '100M', batch: '4', samples: '8' }, ['--overwrite']);
  while (!(await readdir(run)).includes('events.ndjson')) await new Promise((resolve) => setTimeout(resolve, 5));
  process.emit('SIGINT');
  const { code, stderr, stdout } = await outcome;
  expect(code, stderr).toBe(130);
  expect(stderr).toMatch(/stopping.*go on: espalier resume .*cancelled during stage/s);
  expect(stderr).not.toMatch(/Warning/);
  expect(stdout).toBe('');
  expect(process.listenerCount('SIGINT')).toBe(listeners);
  expect(await readdir(run)).not.toContain('summary.json');
  expect(await readdir(run)).not.toContain('.lock');
  expect(await readdir(bench.folder)).not.toContain('out');
});

test.each([
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)(
  '%s saves a checkpoint of the training at work, gives exit code %i, and the run can be resumed',
  async (signal, exit) => {
    const run = join(bench.folder, 'run');
    const recipe = join(bench.folder, 'recipe.json');
    const step = {
      name: 'half',
      target: '50%',
      importance: { samples: 8, length: 16 },
      distillation: { tokens: 20_000, length: 16, batch: 4 },
    };
    await writeFile(recipe, JSON.stringify({ model: 'model', data: 'text.txt', steps: [step] }));
    const log = join(run, 'events.ndjson');
    const training = (): boolean =>
      existsSync(log) && readFileSync(log, 'utf8').includes('"type":"metric","name":"loss"');
    const outcome = runCaptured('compress', '--recipe', recipe, '--run', run);
    while (!training()) await new Promise((resolve) => setTimeout(resolve, 5));
    process.emit(signal);
    const { code, stderr } = await outcome;
    expect(stderr).toMatch(new RegExp(`saves a checkpoint; ${signal} again`));
    expect(code, stderr).toBe(exit);
    expect(await readdir(join(run, 'checkpoints', 'half', 'distilled'))).toEqual([expect.stringMatching(/^step-/)]);
    expect((await runCaptured('resume', run)).code).toBe(0);
    const again = await runCaptured('resume', run);
    expect(again.code).toBe(0);
    expect(again.stderr).toMatch(/complete already.*resume .* --tokens N.*export .* --row ROW/s);
  },
);

test.each([
  ['plan', ['--model', 'tinytales', '--target', '50%']],
  ['evaluate', ['--model', 'tinytales', '--data', 'tinytales']],
  ['generate', ['--model', 'tinytales', '--prompt', 'One day', '--texts', '64', '--max-new-tokens', '200']],
  ['devices', ['--bench']],
] as const)(
  '%s is stopped by SIGTERM in good order, and says nothing of where it was',
  async (verb, flags) => {
    const listening = process.listenerCount('SIGTERM');
    const outcome = runCaptured(verb, ...flags);
    while (process.listenerCount('SIGTERM') === listening) await new Promise((resolve) => setTimeout(resolve, 1));
    process.emit('SIGTERM');
    const { code, stderr } = await outcome;
    expect(code, stderr).toBe(143);
    expect(stderr).toContain('espalier: stopping');
    expect(stderr).not.toMatch(/ {4}at |--verbose/);
  },
  120_000,
);

test('a second signal ends the process by that signal, without waiting for the program that is running', async () => {
  await buildCommand();
  const [run, out] = [join(bench.folder, 'run'), join(bench.folder, 'out')];
  const flags = { model: bench.model, data: bench.text, target: '50%', run, out, length: '16' };
  const argv = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
  const training = (): boolean =>
    existsSync(join(run, 'events.ndjson')) &&
    readFileSync(join(run, 'events.ndjson'), 'utf8').includes('"name":"loss"');
  const signals: NodeJS.Signals[] = ['SIGTERM', 'SIGINT']; // two of one kind may come as one
  const ended = await runProcess(['compress', ...argv, '--tokens', '100M', '--batch', '64'], {
    kill: () => (training() ? signals.shift() : undefined),
  });
  expect(ended, ended.stderr).toMatchObject({ code: null });
  expect(['SIGTERM', 'SIGINT']).toContain(ended.signal);
  expect(ended.stderr).toContain('again ends it at once');
});
