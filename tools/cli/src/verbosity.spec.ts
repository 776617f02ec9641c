// -q and -v mean the same for every verb: how much is said on stderr. The result on stdout stays as it is.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeFailure } from './errors.js';
import { verbReferences } from './reference.js';
import { withVerbosity } from './terminal/verbosity.js';
import { createBench, runCaptured, type Bench } from './testing/cli-run.js';

let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
});
afterAll(() => bench.remove());

const lines = (text: string): readonly string[] => text.split('\n').filter((line) => line.trim() !== '');

test.each(verbReferences())('$name takes both', ({ flags }) => {
  const own = flags.map((flag) => flag.flags);
  expect(own).toEqual(expect.arrayContaining(['-q, --quiet', '-v, --verbose']));
});

test('a run with -q says on stderr what must be known, and with -v what it does', async () => {
  const flags = { tokens: '64', samples: '8', batch: '2' };
  const quiet = await bench.compress(flags, ['-q', '--no-compare']);
  expect(quiet.code, quiet.stderr).toBe(0);
  expect(lines(quiet.stderr).filter((line) => !line.startsWith('! '))).toEqual([]);
  const verbose = await bench.compress(flags, ['-v', '--no-compare', '--overwrite']);
  expect(verbose.code, verbose.stderr).toBe(0);
  expect(verbose.stderr).toMatch(/^· width · calibrate$/m);
  expect(verbose.stderr).toMatch(/^Run folder: /m);
  for (const { stdout } of [quiet, verbose]) expect(stdout).toMatch(/^model +param[^]*\n\S+ +\d/m);
}, 120_000);

test('hints go with -q, errors stay', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'verbosity-'));
  try {
    const copied = (name: string, ...more: readonly string[]) =>
      runCaptured('recipes', 'copy', 'demo', join(folder, name), ...more);
    expect((await copied('a.yaml')).stderr).toContain('Next: espalier plan');
    expect(await copied('b.yaml', '-q')).toEqual({ code: 0, stdout: `${join(folder, 'b.yaml')}\n`, stderr: '' });
    const refused = await copied('b.yaml', '--quiet');
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toContain('the file is there already');
    expect((await copied('c.yaml', '-q', '-v')).code).toBe(2);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a failure tells its stack with -v alone, and how to see it without', async () => {
  const failed = (own: 'usual' | 'verbose') =>
    withVerbosity((speak) => {
      speak(own);
      return Promise.resolve(describeFailure(new Error('broken')).text);
    });
  expect(await failed('usual')).toBe('espalier: broken (--verbose shows the stack)');
  expect(await failed('verbose')).toMatch(/^espalier: broken\nError: broken\n +at /);
});
