// However slow the source, a wait is told of at least every two seconds, and a short one not at all. The clock is a fake one.
import { CancelledError, digestFile, InputError, mutedCodec, type PipelineEvent, type TextCodec } from '@espalier/core';
import { openText } from '@espalier/plugins';
import { tinyModel } from '@espalier/testing';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isWait, waitsOf } from './waits.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espalier-waits-'));
});
afterAll(() => rm(folder, { recursive: true }));

const never = () => () => undefined;

/** Opens a text of 64 lines with a tokenizer that takes so many milliseconds for each, and gives what is told, and when. */
async function opened(milliseconds: number, small?: number): Promise<readonly PipelineEvent[]> {
  const file = join(folder, 'text.txt');
  await writeFile(file, Array.from({ length: 64 }, (_, line) => `line ${line} ${'a'.repeat(line)}`).join('\n'));
  let clock = 0;
  const told: PipelineEvent[] = [];
  const waits = waitsOf((event) => told.push(event), { now: () => clock, later: never });
  const tokenizer: TextCodec = {
    ...mutedCodec(256),
    prefix: [1],
    encode(text) {
      clock += milliseconds;
      return Array.from(text, (own) => own.charCodeAt(0));
    },
    decode: (ids) => ids.join(' '),
  };
  const teacher = { ...tinyModel(), tokenizer };
  await waits.during('read the text', async () => {
    const text = { name: 'text', files: [file], split: 'lines', field: 'text' } as const;
    const data = await openText(text, { teacher, length: 8, watch: waits.watch }, small);
    let count = 0;
    for await (const _document of data.all ?? []) count += 1;
    expect(count).toBe(64);
  });
  // The whole text was read once, or as often as it is encoded.
  expect(clock).toBeGreaterThanOrEqual(64 * milliseconds);
  return told;
}

test.each([
  ['a small text', undefined],
  ['a large text, encoded as it is read', 100],
])('%s: no two seconds pass without a word, up to the end', async (_what, small) => {
  const told = await opened(700, small);
  expect(told.map(({ type }) => type).filter((type) => type !== 'progress')).toEqual([
    'stage-started',
    'stage-finished',
  ]);
  expect(told.every(isWait)).toBe(true);
  const times = [0, ...told.map(({ time }) => time)];
  for (const [index, time] of times.entries()) expect(time - (times[index - 1] ?? 0)).toBeLessThanOrEqual(2000);
  const done = told.flatMap((event) => (event.type === 'progress' && event.unit === 'bytes of text' ? [event] : []));
  expect(done.length).toBeGreaterThan(20);
  for (const event of done) expect(event.done).toBeLessThanOrEqual(event.total);
  expect(done.map((own) => own.done)).toEqual(done.map((own) => own.done).toSorted((a, b) => a - b));
});

test('a fast source is told of four times a second at most, and a short wait not at all', async () => {
  const told = await opened(50);
  const times = told.filter(({ type }) => type === 'progress').map(({ time }) => time);
  for (const [index, time] of times.entries())
    if (index > 0) expect(time - (times[index - 1] ?? 0)).toBeGreaterThanOrEqual(250);
  expect(times.length).toBeGreaterThan(5);
  expect(await opened(1)).toEqual([]);
});

test('a wait that is to end ends with the next word of its work', async () => {
  const asked = new AbortController();
  const waits = waitsOf(() => undefined, { signal: asked.signal });
  const file = join(folder, 'model.bin');
  await writeFile(file, Buffer.alloc(5 * 2 ** 20));
  let words = 0;
  const hashing = waits.during('hash the model', () =>
    digestFile(file, (done) => {
      words += 1;
      if (words === 2) asked.abort();
      waits.watch({ done, total: 5 * 2 ** 20, unit: 'bytes' });
    }),
  );
  await expect(hashing).rejects.toThrow(CancelledError);
  expect(words).toBe(2);
});

test('a wait that fails is left open, fails as its work does, and what comes after it is not told of', async () => {
  let clock = 0;
  const told: PipelineEvent[] = [];
  const waits = waitsOf((event) => told.push(event), { now: () => clock, later: never });
  const progress = { done: 1, total: 2, unit: 'bytes' };
  const failing = waits.during('hash the model', () => {
    clock = 1000;
    waits.watch(progress);
    return Promise.reject(new InputError({ asked: 'a', found: 'b', fix: 'c' }));
  });
  await expect(failing).rejects.toThrow('a: b. c.');
  clock = 5000;
  waits.watch(progress);
  const stamp = { run: 'teacher', stage: 'hash the model', time: 1000 };
  expect(told).toEqual([
    { type: 'stage-started', ...stamp },
    { type: 'progress', ...progress, ...stamp },
  ]);
});

test('a work that says nothing is told of once it takes a while, and a short one is not', async () => {
  const told: PipelineEvent[] = [];
  let due: () => void = () => undefined;
  let clock = 0;
  const waits = waitsOf((event) => told.push(event), {
    now: () => clock,
    later: (milliseconds, call) => {
      due = () => {
        clock = milliseconds;
        call();
      };
      return () => (due = () => undefined);
    },
  });
  const stamp = { run: 'teacher', stage: 'check the run' };
  await waits.during('check the run', () => Promise.resolve());
  due();
  expect(told).toEqual([]);
  await waits.during('check the run', () => {
    due();
    clock = 3000;
    return Promise.resolve();
  });
  expect(told).toEqual([
    { type: 'stage-started', ...stamp, time: 500 },
    { type: 'stage-finished', ...stamp, time: 3000 },
  ]);
});
