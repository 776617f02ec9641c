// What is piped into a conversation.
import { createReadStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { PassThrough, Readable } from 'node:stream';
import { InputError } from '@espalier/core';
import { expect, test } from 'vitest';
import { pipedLines } from './piped-lines.js';

const quiet = new AbortController().signal;
async function all(input: Readable): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const line of pipedLines(input, quiet)) lines.push(line);
  return lines;
}

test('lines come whole, however the bytes are cut', async () => {
  const bytes = Buffer.from('née\r\n\nein Ende\u2028ohne\rletzte');
  const cut = Array.from(bytes, (byte) => Buffer.from([byte]));
  expect((await all(Readable.from(cut))).filter((line) => line !== '')).toEqual([
    'née',
    'ein Ende\u2028ohne',
    'letzte',
  ]);
});

test('a line without an end is refused before memory is full of it', async () => {
  let chunks = 0;
  const endless = new Readable({
    read() {
      chunks += 1;
      this.push(Buffer.alloc(2 ** 16, 'a'));
    },
  });
  await expect(all(endless)).rejects.toThrow(/a line has more than 4194304 characters/);
  expect(chunks).toBeLessThan(80);
  expect(endless.destroyed).toBe(true);
});

test.skipIf(process.platform === 'win32')('a folder in place of a pipe is refused in words', async () => {
  await expect(all(createReadStream(tmpdir()))).rejects.toThrow(InputError);
});

test('a signal ends the lines', async () => {
  const stop = new AbortController();
  const input = new PassThrough();
  input.write('one\n');
  const seen: string[] = [];
  for await (const line of pipedLines(input, stop.signal)) {
    seen.push(line);
    stop.abort();
  }
  expect(seen).toEqual(['one']);
});
