// What becomes of the command when nobody reads what it prints.
import { EventEmitter } from 'node:events';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { buildCommand } from '../testing/process.js';
import { watchStreams } from './closed-pipes.js';

test('a closed pipe is no failure, a full disk is one, in words', () => {
  const stream = new EventEmitter();
  const watch = watchStreams([stream]);
  stream.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  expect(watch.failure).toBeUndefined();
  stream.emit('error', Object.assign(new Error('write ENOSPC'), { code: 'ENOSPC' }));
  expect(watch.failure).toBe('the result could not be written: the disk is full');
  watch.stop();
  expect(stream.listenerCount('error')).toBe(0);
});

beforeAll(buildCommand, 600_000);

const shell = (line: string): Promise<{ readonly code: number | null; readonly text: string }> =>
  new Promise((resolve, reject) => {
    const command = fileURLToPath(new URL('../../bin/espalier.js', import.meta.url));
    const child = spawn('bash', [
      '-o',
      'pipefail',
      '-c',
      line.replaceAll('espalier', `"${process.execPath}" "${command}"`),
    ]);
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, text }));
  });

test.skipIf(process.platform === 'win32')('a reader that has gone ends nothing and says nothing', async () => {
  // The reader is gone before anything is written.
  const { code, text } = await shell('(espalier --help; echo "code $?" >&2) | true');
  expect(text).toBe('code 0\n');
  expect(code).toBe(0);
  const errors = await shell('(espalier evaluate 2>&1; echo "code $?" >&3) 3>&1 1>&2 2>&1 | true');
  expect(errors.text).not.toMatch(/EPIPE|at .*node:/);
});

test.skipIf(!existsSync('/dev/full'))('a result that the disk has no room for is a failure', async () => {
  const { code, text } = await shell('espalier plugins --kind loss > /dev/full');
  expect(text).toMatch(/^espalier: the result could not be written: the disk is full/);
  expect(code).toBe(1);
});

test.skipIf(process.platform === 'win32')('too few open files are told in words', async () => {
  const { code, text } = await shell('ulimit -n 30; espalier plan --model tinytales --target 50% --no-time');
  expect(text).toMatch(/^espalier: .*(ulimit|too many files are open)/);
  expect(text).not.toMatch(/    at /);
  expect(code).not.toBe(0);
});

test.skipIf(process.platform === 'win32')(
  'an error that nobody catches is told in words, without its secrets',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'late-plugin-'));
    try {
      const late = `setTimeout(() => { throw new Error('late with ' + process.env.MY_TOKEN); }, 20);`;
      await writeFile(join(folder, 'late.mjs'), `${late}\nexport default { name: 'late', provides: [] };`);
      const flags = `--model tinytales --target 50% --plugin "${join(folder, 'late.mjs')}"`;
      const { code, text } = await shell(`MY_TOKEN=planted-token espalier plan ${flags} 2>&1 >/dev/null`);
      expect(text).toMatch(/^espalier: late with \$\{env:MY_TOKEN\}/);
      expect(text).not.toMatch(/planted|    at /);
      expect(code).toBe(1);
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);
