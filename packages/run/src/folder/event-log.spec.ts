// The log after a crash: whole lines stay, a cut-off one goes.
import { execFileSync } from 'node:child_process';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openEventLog, readEventLog } from './event-log.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espalier-log-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function eventsOf(path: string): Promise<readonly unknown[]> {
  const events: unknown[] = [];
  for await (const event of readEventLog(path)) events.push(event);
  return events;
}

test.each([0, 1, 4095, 4096, 10_000])(
  'a line cut off after %i bytes is removed when the log goes on',
  async (length) => {
    const path = join(folder, 'events.ndjson');
    const log = openEventLog(path);
    log.append({ step: 1 });
    log.append({ step: 2 });
    log.close();
    await appendFile(path, 'x'.repeat(length));
    expect(await eventsOf(path)).toEqual([{ step: 1 }, { step: 2 }]);
    const again = openEventLog(path);
    again.append({ step: 3 });
    again.sync();
    again.close();
    again.close();
    expect(await readFile(path, 'utf8')).toBe('{"step":1}\n{"step":2}\n{"step":3}\n');
  },
);

test('a log that is one long cut-off line begins anew', async () => {
  const path = join(folder, 'events.ndjson');
  await writeFile(path, 'x'.repeat(9000));
  openEventLog(path).close();
  expect(await readFile(path, 'utf8')).toBe('');
});

test.skipIf(process.platform === 'win32')('a pipe is no log: nothing waits for its other end', async () => {
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  expect(() => openEventLog(join(folder, 'pipe'))).toThrow(/no regular file/);
  await expect(readEventLog(join(folder, 'pipe')).next()).rejects.toThrow(/not a regular file/);
});

test('an event is whole whatever its text holds, wherever the file is cut into pieces, and a line without an end is none', async () => {
  const path = join(folder, 'events.ndjson');
  const log = openEventLog(path);
  const texts = ['a\u2028b\u2029c', 'd\r\ne\u0085f', 'é'.repeat(100_000), ''];
  for (const text of texts) log.append({ text });
  log.close();
  await appendFile(path, '{"text":"begun"}');
  expect(await eventsOf(path)).toEqual(texts.map((text) => ({ text })));
});
