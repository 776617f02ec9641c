// Disks that run full, have no more files to give or are read-only, at many sizes: one sentence, nothing half made, and the run goes on
// once there is room. They are small file systems in memory, which only root may mount. ESPALIER_DISKS=20 tries as many sizes.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createBench, runCaptured, type Bench } from './testing/cli-run.js';

const DISKS = Number(process.env['ESPALIER_DISKS'] ?? 3);
/** Kilobytes, from where nothing fits to where all but the last files do. */
const sizes = Array.from({ length: DISKS }, (_, index) => Math.round(16 * 2 ** ((6 * index) / Math.max(1, DISKS - 1))));

let bench: Bench;
let disk: string;
beforeEach(async () => {
  bench = await createBench();
  disk = join(bench.folder, 'disk');
  await mkdir(disk);
});
afterEach(async () => {
  try {
    execFileSync('umount', [disk], { stdio: 'ignore' });
  } catch {
    // The test did not come to mount it.
  }
  await bench.remove();
});

const mount = (options: string, again = false): void =>
  void execFileSync(
    'mount',
    again ? ['-o', `remount,${options}`, disk] : ['-t', 'tmpfs', '-o', options, 'tmpfs', disk],
  );

function mayMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  try {
    execFileSync('unshare', ['-m', 'true'], { stdio: 'ignore' }); // the right that mounting needs
    return true;
  } catch {
    return false;
  }
}

/** Begun whatever the disk has: a plain run is refused where that is known to be too little. */
const compress = (...switches: readonly string[]) =>
  bench.compress({ run: join(disk, 'run'), out: join(disk, 'out'), tokens: '64', samples: '4' }, [
    '--no-compare',
    ...switches,
  ]);
const begin = () => compress('--allow-shortage');

describe.skipIf(!mayMount())('small disks (Linux as root: file systems are mounted)', () => {
  test.each([...sizes.map((size) => [`of ${size} kB`, `size=${size}k`]), ['of six files', 'nr_inodes=6']])(
    'a disk %s is full in one sentence, and with room the run ends as it should',
    async (_what, options) => {
      mount(options);
      const first = await begin();
      expect(first.stderr).not.toMatch(/internal:|    at |ENOSPC/);
      if (first.code !== 0) {
        expect([1, 2]).toContain(first.code);
        expect(first.stderr).toMatch(/disk is full|MB free/);
        // The model is there whole (the disk ran full after it) or not at all.
        const has = (name: string): boolean => existsSync(join(disk, 'out', name));
        expect(has('config.json')).toBe(has('model.safetensors'));
      }
      mount('size=256m,nr_inodes=10000', true);
      const run = join(disk, 'run');
      const again = existsSync(join(run, 'run.json')) ? await runCaptured('resume', run) : await begin();
      expect(again.code, again.stderr).toBe(0);
      expect(readFileSync(join(disk, 'out', 'model.safetensors')).length).toBeGreaterThan(1000);
    },
    120_000,
  );

  test('a disk that is known to be too small is refused before anything is written', async () => {
    mount('size=64k');
    const { code, stderr } = await compress();
    expect(stderr).toMatch(/keep the run on this disk: .* are free/);
    expect(code).toBe(2);
    expect(readdirSync(disk)).toEqual([]);
  });

  test('a read-only disk is refused before any work', async () => {
    mount('ro');
    const { code, stderr } = await compress();
    expect(stderr).toMatch(/read-only/);
    expect(code).toBe(2);
  });
});
