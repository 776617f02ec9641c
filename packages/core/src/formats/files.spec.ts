import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { InputError } from '../errors.js';
import { attempt, exists, listFolder, makeFolder, readSmallText, regularFile, writeWhole } from './files.js';
import { isAbsence, isDiskFailure, systemCode, systemWords } from '../system-words.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espalier-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const onPosix = test.skipIf(process.platform === 'win32');

onPosix('a pipe, a device and a folder are refused before they are opened', async () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  for (const path of [pipe, '/dev/zero', folder])
    await expect(readSmallText(path, 'read', 100)).rejects.toThrow(/is (not a regular file|a folder)/);
});

test('a file of more bytes than the limit is refused, one of as many is read without its byte-order mark', async () => {
  const path = join(folder, 'text');
  await writeFile(path, '\uFEFFseven');
  expect(await readSmallText(path, 'read', 8)).toBe('seven');
  await expect(regularFile(path, 'read', 7)).rejects.toThrow(/has 8 bytes, more than the 7/);
});

test('bytes that are no UTF-8 are refused', async () => {
  const path = join(folder, 'text');
  await writeFile(path, Buffer.from([0x63, 0xe9]));
  await expect(readSmallText(path, 'read', 8)).rejects.toThrow(/is not UTF-8/);
});

test('folders are made with those above them, and twice', async () => {
  const path = join(folder, 'a', 'b', 'c');
  await makeFolder(path);
  await makeFolder(path);
  expect(await exists(path)).toBe(true);
});

test.skipIf(process.platform !== 'linux')(
  'a folder below one that takes none fails and does not try for ever',
  async () => {
    await expect(makeFolder('/proc/nothing/run')).rejects.toThrow(/ENOENT|EACCES|EPERM|EROFS/);
  },
);

test('a folder below a file fails', async () => {
  await writeFile(join(folder, 'file'), '');
  await expect(makeFolder(join(folder, 'file', 'run'))).rejects.toThrow(/ENOTDIR|EEXIST/);
  await expect(makeFolder(join(folder, 'file'))).rejects.toThrow(/EEXIST/);
});

test('errors of the system have words; others, and codes that every object has, have none', async () => {
  const error = await mkdir(join(folder, 'x', 'y')).catch((cause: unknown) => cause);
  expect(systemWords(error)).toBe('there is no such file or folder');
  expect(systemWords(Object.assign(new Error('x'), { code: 'constructor' }))).toBeUndefined();
  expect(systemWords(new InputError({ asked: 'a', found: 'b', fix: 'c' }))).toBeUndefined();
});

const tracer = spawnSync('strace', ['-V']).status === 0;

test.skipIf(!tracer).each([
  ['ESTALE', 'the network disk lost it', true],
  ['EDQUOT', 'the disk quota is used up', false],
  ['EIO', 'the disk reported an error', true],
  ['ENOTCONN', 'the disk is no longer connected', true],
  ['ETIMEDOUT', 'there was no answer in time', true],
])('%s has words as Node gives it, which has no name for some (injected by strace)', async (code, words, isFailure) => {
  const path = join(folder, 'file');
  const script = `require('fs').open(process.argv[1], 'w', (error, file) =>
    require('fs').fsync(file, ({ code, errno }) => console.log(JSON.stringify({ code, errno }))))`;
  const inject = ['-f', '-qq', '-o', join(folder, 'log'), '-P', path, '-e', `inject=fsync:error=${code}`];
  const { stdout } = spawnSync('strace', [...inject, process.execPath, '-e', script, path], { encoding: 'utf8' });
  const given: unknown = JSON.parse(stdout);
  const error = Object.assign(new Error('x'), given);
  expect(systemCode(error)).toBe(code);
  expect(systemWords(error)).toBe(words);
  const told = attempt({ asked: 'write', fix: 'Choose another path' }, () => Promise.reject(error));
  await expect(told).rejects.toThrow(
    `write: ${words}. ${isFailure ? 'Check the disk and the connection to it, then try again' : 'Choose another path'}`,
  );
  expect(isDiskFailure(await told.catch((cause: unknown) => cause))).toBe(isFailure);
});

test('what is not there is told from what cannot be looked for', async () => {
  await writeFile(join(folder, 'file'), '');
  for (const name of ['none', 'file/below', 'a'.repeat(300), 'a\0b']) {
    const path = join(folder, name);
    expect(await exists(path)).toBe(false);
    expect(await listFolder(path)).toEqual([]);
    expect(isAbsence(await readSmallText(path, 'read', 1).catch((cause: unknown) => cause))).toBe(true);
  }
  expect((await listFolder(folder)).map(({ name }) => name)).toEqual(['file']);
});

onPosix('nothing is put into the place of a pipe, a device or a folder, and nothing is left beside it', async () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  for (const path of [pipe, '/dev/null', folder])
    await expect(writeWhole(path, 'write', () => Promise.resolve())).rejects.toThrow(
      /is not a regular file|is a folder/,
    );
  expect(await readdir(folder)).toEqual(['pipe']);
});
