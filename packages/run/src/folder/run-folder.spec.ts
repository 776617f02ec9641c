// Units of a run: done once, read back ever after, refused when they were made from something else.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRunFolder, unitFolder, unitNames, verifyUnits, type Unit } from './run-folder.js';

let path: string;
beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'espalier-run-'));
});
afterEach(() => rm(path, { recursive: true, force: true }));

function counting(inputs: Unit<string>['inputs'] = 1, text = 'result'): Unit<string> & { readonly made: number[] } {
  const made: number[] = [];
  return {
    name: 'step/work',
    inputs,
    made,
    make() {
      made.push(made.length);
      return Promise.resolve(text);
    },
    save: (value, folder) => writeFile(join(folder, 'result.txt'), value),
    load: (folder) => readFile(join(folder, 'result.txt'), 'utf8'),
  };
}

async function withRun<T>(work: (run: Awaited<ReturnType<typeof openRunFolder>>) => Promise<T>): Promise<T> {
  const run = await openRunFolder(path);
  try {
    return await work(run);
  } finally {
    await run.close();
  }
}

test('a complete unit is not done again, in this process or a later one', async () => {
  const unit = counting();
  const [first, second] = await withRun(async (run) => [await run.unit(unit), await run.unit(unit)]);
  const third = await withRun((run) => run.unit(unit));
  expect(unit.made).toEqual([0]);
  expect([first.value, second.value, third.value]).toEqual(['result', 'result', 'result']);
  expect([first.reused, second.reused, third.reused]).toEqual([false, true, true]);
  expect(new Set([first.hash, second.hash, third.hash]).size).toBe(1);
  expect(await unitNames(path)).toEqual(['step/work']);
});

test.skipIf(process.platform === 'win32').each(['checkpoints/half/distilled', 'stages/half', 'events.ndjson'])(
  'a link at %s is refused before anything is written or removed behind it',
  async (name) => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'espalier-elsewhere-'));
    await writeFile(join(elsewhere, 'thesis.txt'), 'years');
    await mkdir(join(path, name, '..'), { recursive: true });
    await symlink(name.endsWith('.ndjson') ? join(elsewhere, 'thesis.txt') : elsewhere, join(path, name));
    await expect(openRunFolder(path)).rejects.toThrow(/is a link, and what is written there would lie elsewhere/);
    expect(await readdir(elsewhere)).toEqual(['thesis.txt']);
    expect(await readFile(join(elsewhere, 'thesis.txt'), 'utf8')).toBe('years');
    await rm(elsewhere, { recursive: true });
  },
);

test('a unit that fails is incomplete and is done again', async () => {
  const unit = counting();
  await withRun(async (run) => {
    await expect(run.unit({ ...unit, make: () => Promise.reject(new Error('cut off')) })).rejects.toThrow('cut off');
    expect(await unitNames(path)).toEqual([]);
    expect((await run.unit(unit)).reused).toBe(false);
  });
});

test('a unit made from other inputs is refused with what differs', async () => {
  await withRun((run) => run.unit(counting({ tokens: 100, seed: 1 })));
  const attempt = withRun((run) => run.unit(counting({ tokens: 200, seed: 1 })));
  await expect(attempt).rejects.toThrow('made from something else (tokens: 100 before, 200 now). Begin a new run');
});

test('a unit that may be renewed is made again from other inputs, and what was there stays until it is', async () => {
  await withRun(async (run) => {
    await run.unit(counting(1, 'before'));
    const cutOff = { ...counting(2, 'after'), make: () => Promise.reject(new Error('cut off')) };
    await expect(run.unit(cutOff, true)).rejects.toThrow('cut off');
    expect(await run.unit(counting(1, 'before'), true)).toMatchObject({ value: 'before', reused: true });
    expect(await run.unit(counting(2, 'after'), true)).toMatchObject({ value: 'after', reused: false });
    expect(await run.unit(counting(2, 'after'), true)).toMatchObject({ value: 'after', reused: true });
  });
});

test('what was measured is no part of the identity, everything else is', async () => {
  const hashWith = async (text: string, speed: number): Promise<string> => {
    await rm(path, { recursive: true });
    const unit = counting(1, text);
    const save = async (value: string, folder: string): Promise<void> => {
      await unit.save(value, folder);
      await writeFile(join(folder, 'measured.json'), String(speed));
    };
    return (await withRun((run) => run.unit({ ...unit, save }))).hash;
  };
  const hash = await hashWith('a', 1);
  expect(await hashWith('a', 2)).toBe(hash);
  expect(await hashWith('b', 1)).not.toBe(hash);
});

test.each([
  ['changed', (file: string) => writeFile(file, 'resuLt'), /has other bytes than were written/],
  ['cut short', (file: string) => writeFile(file, 'res'), /has 3 bytes, 6 were written/],
  ['removed', (file: string) => rm(file), /is missing/],
])('a file that was %s is found', async (_name, damage, message) => {
  await withRun((run) => run.unit(counting()));
  expect(await verifyUnits(path)).toEqual([]);
  await damage(join(unitFolder(path, 'step/work'), 'result.txt'));
  expect(await verifyUnits(path)).toEqual([expect.stringMatching(message)]);
});

test('files that only look unfinished are not part of a result', async () => {
  const unit = counting();
  await mkdir(unitFolder(path, unit.name), { recursive: true });
  await writeFile(join(unitFolder(path, unit.name), '.result.txt.123.tmp'), 'half');
  await withRun((run) => run.unit(unit));
  expect(await verifyUnits(path)).toEqual([]);
  expect(await readFile(join(unitFolder(path, unit.name), 'manifest.json'), 'utf8')).not.toContain('.tmp');
});

test('a second process is refused while one works, and let in when that one is gone', async () => {
  await withRun(async () => {
    await expect(openRunFolder(path)).rejects.toThrow(new RegExp(`process ${process.pid} on .* works in it`));
  });
  await withRun(() => Promise.resolve());
});

test('the lock of a process that died is taken over', async () => {
  const born = { host: hostname(), born: '1', since: '2026-01-01T00:00:00.000Z' };
  // A number that was given out again: it runs, but it is another process.
  await writeFile(join(path, '.lock'), JSON.stringify({ pid: process.pid, ...born }));
  await withRun(() => Promise.resolve());
  await writeFile(join(path, '.lock'), JSON.stringify({ pid: 2 ** 22 + 1, ...born }));
  await withRun(() => Promise.resolve());
});

test.runIf(process.platform === 'linux')(
  'a process that was killed and not yet reaped does not hold its lock',
  async () => {
    // The shell becomes `sleep`, which never asks after the child it has.
    const parent = spawn('sh', ['-c', 'sleep 3600 & echo $!; exec sleep 3600'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      const pid = Number(String((await once(parent.stdout, 'data'))[0]));
      const fields = async (): Promise<readonly string[]> =>
        (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /s, '').split(' ');
      const owner = { pid, host: hostname(), born: (await fields())[19], since: '2026-01-01T00:00:00.000Z' };
      await writeFile(join(path, '.lock'), JSON.stringify(owner));
      await expect(openRunFolder(path)).rejects.toThrow(`process ${pid}`);
      process.kill(pid, 'SIGKILL');
      while ((await fields())[0] !== 'Z') await new Promise((resolve) => setTimeout(resolve, 5));
      await withRun(async () => Promise.resolve());
    } finally {
      parent.kill('SIGKILL');
    }
  },
);
