// Files and folders of the command line that are not what they are taken for: refused at once, and nothing waits or is written.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { parseRecipe } from '@espalier/run';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nameOf } from './commands/run-flags.js';
import { createBench, runCaptured, type Bench, type Outcome } from './testing/cli-run.js';
import { command } from './testing/process.js';

let bench: Bench;
beforeEach(async () => {
  bench = await createBench();
});
afterEach(() => bench.remove());

function refused(outcome: Outcome, found: RegExp): void {
  expect(outcome.stderr).toMatch(found);
  expect(outcome.stderr).not.toMatch(/internal:|    at /);
  expect(outcome.code).toBe(2);
}

const verbs: Readonly<Record<string, (path: string) => Promise<Outcome>>> = {
  'the recipe of compress': (path) => runCaptured('compress', '--recipe', path),
  'the recipe of plan': (path) => runCaptured('plan', '--recipe', path),
  'the recipe of pretrain': (path) => runCaptured('pretrain', '--recipe', path, '--out', join(bench.folder, 'o')),
  'the text of compress': (path) => bench.compress({ data: path }),
  'the text of evaluate': (path) => runCaptured('evaluate', '--model', bench.model, '--data', path),
  'the text to evaluate on': (path) => bench.compress({ 'eval-data': path }),
  'the model': (path) => bench.compress({ model: path }),
  'a plugin': (path) => runCaptured('plugins', '--plugin', path),
  'the run folder': (path) => bench.compress({ run: path }),
  'the run to resume': (path) => runCaptured('resume', path),
  'the run to report on': (path) => runCaptured('report', path),
  'the run to look at': (path) => runCaptured('status', path),
  'the run to export from': (path) => runCaptured('export', path, '--out', join(bench.folder, 'o')),
  'the place of the model': (path) => bench.compress({ out: path }),
};

describe.skipIf(process.platform === 'win32')('special files', () => {
  test.each(Object.entries(verbs))('%s is refused where it is a pipe, a device or endless', async (_what, run) => {
    const pipe = join(bench.folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    for (const path of [pipe, '/dev/zero', '/dev/null/x']) refused(await run(path), /^espalier: /m);
    expect(existsSync(join(bench.folder, 'run'))).toBe(false);
  });

  test('a pipe in place of the lock is refused', async () => {
    await mkdir(join(bench.folder, 'run'));
    execFileSync('mkfifo', [join(bench.folder, 'run', '.lock')]);
    refused(await bench.compress(), /not a regular file/);
  });

  test('a report on a run whose log is a pipe is refused', async () => {
    const run = join(bench.folder, 'run');
    await mkdir(run);
    execFileSync('mkfifo', [join(run, 'events.ndjson')]);
    refused(await runCaptured('report', run), /not a regular file/);
  });

  test.each(['config.json', 'tokenizer.json', 'model.safetensors'])(
    'a pipe for %s of the model is refused',
    async (name) => {
      await rm(join(bench.model, name));
      execFileSync('mkfifo', [join(bench.model, name)]);
      refused(await bench.compress(), /not a regular file/);
    },
  );

  test('a run folder that can never be made is refused and not tried for ever', async () => {
    refused(await bench.compress({ run: '/proc/nothing/run' }), /write a run to|there is no such file/);
    refused(await runCaptured('new', 'plugin', 'x', '--kind', 'loss', '--out', '/proc/nothing/x'), /there is no such/);
  });
});

test('a recipe that is no recipe by its size is refused before it is read', async () => {
  const path = join(bench.folder, 'huge.yaml');
  await writeFile(path, '');
  await truncate(path, 2 ** 34);
  refused(await runCaptured('compress', '--recipe', path), /17179869184 bytes, more than/);
});

test.each([
  ['the model in the run folder', { out: 'run/model' }, /would hold the model/],
  ['the run in the model folder', { run: 'out/run' }, /would hold the run/],
  ['both in one folder', { out: 'same', run: 'same' }, /folder of the run as well/],
  ['the model over its own', { out: 'model' }, /model that it is made from/],
  ['the model below a file', { out: 'text.txt/out' }, /is no folder/],
  ['the run below a file', { run: 'text.txt/run' }, /is no folder/],
  ['curves in the folder of the model', { tensorboard: 'out/curves' }, /the folder of the model would hold curves/],
  ['curves in the model that it begins with', { tensorboard: 'model/curves' }, /made from would hold curves/],
  ['curves at the place of the model', { tensorboard: 'out' }, /that is the folder of the model as well/],
  ['curves where a file is', { tensorboard: 'text.txt' }, /write curves for TensorBoard .* is no folder/],
  ['curves below a file', { tensorboard: 'text.txt/curves' }, /is no folder/],
  ['the run in the model that it begins with', { run: 'model/runs/a' }, /made from would hold the run/],
])('%s is refused before anything is written', async (_what, flags, found) => {
  const absolute = Object.fromEntries(Object.entries(flags).map(([name, path]) => [name, join(bench.folder, path)]));
  refused(await bench.compress(absolute), found);
  for (const name of ['run', 'model/runs', 'model/curves', 'out'])
    expect(existsSync(join(bench.folder, name))).toBe(false);
});

test.each(['.', '..', '/', 'con', 'smaller.'])('a model that goes to "%s" gives the run a name all the same', (out) => {
  expect(parseRecipe({ name: nameOf(out), model: 'm', data: 'd', steps: [{ target: '50%' }] }, 'here').name).toMatch(
    /^\w/,
  );
});

test('a model that goes to the current folder is told to go beside the run', async () => {
  const before = process.cwd();
  process.chdir(bench.folder);
  try {
    const outcome = await runCaptured('compress', '-m', 'tinytales', '-d', 'tinytales', '-t', '50%', '-o', '.');
    refused(outcome, /the folder of the model would hold the run .* two folders beside each other/);
    expect(existsSync('runs')).toBe(false);
  } finally {
    process.chdir(before);
  }
});

test.skipIf(process.platform === 'win32')(
  'standard input of which no run can come leaves nothing behind',
  () => {
    const flags = ['compress', '-m', bench.model, '-d', '-', '-t', '50%', '--length', '16'];
    for (const [input, found] of [
      [bench.model, /it is a folder/],
      ['/dev/null', /no text|empty|too (little|few)/],
    ] as const) {
      const file = openSync(input, 'r');
      const at = { cwd: bench.folder, stdio: [file, 'pipe', 'pipe'] as const, encoding: 'utf8' as const };
      const ended = spawnSync(process.execPath, [command, ...flags, '-o', 'out'], { ...at, stdio: [...at.stdio] });
      closeSync(file);
      expect(ended.stderr).toMatch(found);
      expect(ended.status).toBe(2);
      expect(existsSync(join(bench.folder, 'runs'))).toBe(false);
    }
  },
  60_000,
);

test.skipIf(process.platform === 'win32')('a link does not hide that the model is in the run folder', async () => {
  await mkdir(join(bench.folder, 'run'));
  await symlink(join(bench.folder, 'run'), join(bench.folder, 'link'));
  refused(await bench.compress({ out: join(bench.folder, 'link', 'model') }), /would hold the model/);
});

test.each(['run.json', 'recipe.json'])('of a run whose %s is damaged, the advice is not to remove it', async (name) => {
  const run = join(bench.folder, 'run');
  await mkdir(run);
  await writeFile(join(run, 'run.json'), '{}');
  await writeFile(join(run, name), '{"torn');
  for (const verb of ['resume', 'status']) {
    const outcome = await runCaptured(verb, run);
    refused(outcome, /Put .* back as it was, or begin a new run/);
    expect(outcome.stderr).not.toMatch(/Remove the folder/);
  }
});

test('resume --out sends the model elsewhere, and paths of flags hold when the run is resumed from another folder', async () => {
  const before = process.cwd();
  process.chdir(bench.folder);
  try {
    const run = ['--model', 'model', '--data', 'text.txt', '--run', 'run', '--out', 'out', '--length', '16'];
    const few = ['--target', '50%', '--tokens', '64', '--samples', '4', '--no-compare'];
    expect((await runCaptured('compress', ...run, ...few)).code).toBe(0);
  } finally {
    process.chdir(before);
  }
  const run = join(bench.folder, 'run');
  const elsewhere = join(bench.folder, 'elsewhere');
  const outcome = await runCaptured('resume', run, '--out', elsewhere);
  expect(outcome.code, outcome.stderr).toBe(0);
  const weights = (folder: string): Promise<string> => readFile(join(folder, 'model.safetensors'), 'base64');
  expect(await weights(elsewhere)).toBe(await weights(join(bench.folder, 'out')));
  expect((await runCaptured('resume', run)).code).toBe(0);
  refused(await runCaptured('resume', run, '--out', join(run, 'model')), /would hold the model/);
  refused(await runCaptured('resume', run, '--out', join(bench.folder, 'out')), /a model is there already/);
});
