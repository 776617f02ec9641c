import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { inTemporaryFolder } from '../formats/testing/raw-files.js';
import { digestFile } from './digest.js';
import { openEventLog, readEventLog } from './event-log.js';
import { readRunFile } from './small-files.js';

test.skipIf(process.platform === 'win32')('no reader of a run folder opens a pipe', () =>
  inTemporaryFolder(async (folder) => {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    const readers = [digestFile(path), readRunFile(path, z.unknown()), readEventLog(path).next()];
    for (const reader of readers) await expect(reader).rejects.toThrow('is not a regular file');
    expect(() => openEventLog(path)).toThrow('no regular file');
  }),
);
