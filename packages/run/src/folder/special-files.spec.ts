import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestFile } from '@espalier/core';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { openEventLog, readEventLog } from './event-log.js';
import { readRunFile } from './small-files.js';

test.skipIf(process.platform === 'win32')('no reader of a run folder opens a pipe', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'espalier-pipe-'));
  try {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    const readers = [digestFile(path), readRunFile(path, z.unknown()), readEventLog(path).next()];
    for (const reader of readers) await expect(reader).rejects.toThrow('is not a regular file');
    expect(() => openEventLog(path)).toThrow('no regular file');
  } finally {
    await rm(folder, { recursive: true });
  }
});
