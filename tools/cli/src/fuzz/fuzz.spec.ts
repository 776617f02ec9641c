// Half a minute of mutated inputs with a fresh seed: each gets a result or one clean sentence, soon.
import { join } from 'node:path';
import { InputError, InternalError } from '@espalier/core';
import { afterAll, expect, test, vi } from 'vitest';
import { faultOf } from './judge.js';
import { inputOf, tryOne, withFolder, type Fault } from './loop.js';
import type { Parser } from './corpus.js';
import { parsers } from './parsers.js';

const seed = Date.now() % 2 ** 31;
const MILLISECONDS = 25_000;
let tried = 0;

afterAll(() => console.log(`fuzz: seed ${seed}, ${tried} inputs`));

test(`mutated inputs of every kind get a result or one sentence about them (seed ${seed})`, async () => {
  const all = parsers();
  const faults: Fault[] = [];
  await withFolder(async (folder) => {
    for (const until = Date.now() + MILLISECONDS; Date.now() < until && faults.length < 10; tried++) {
      const fault = await tryOne(all, seed, tried, folder);
      if (fault !== undefined) faults.push(fault);
    }
  });
  expect(faults, `seed ${seed}: npm run fuzz -- --seed ${seed} --only ITERATION`).toEqual([]);
  expect(tried).toBeGreaterThan(all.length);
}, 120_000);

test('a reader that fails on one kind of input is found, with the same input again by seed and number', async () => {
  const frail: Parser = {
    name: 'frail',
    corpus: [Buffer.from('{"a": {"b": 1}}')],
    read(bytes) {
      if (bytes.includes('__proto__')) throw new TypeError('a raw error');
    },
  };
  const find = (): Promise<Fault | undefined> =>
    withFolder(async (folder) => {
      for (let iteration = 0; iteration < 2000; iteration++) {
        const fault = await tryOne([frail], 7, iteration, folder);
        if (fault !== undefined) return fault;
      }
      return undefined;
    });
  const fault = await find();
  expect(fault?.what).toMatch(/no answer but an error: TypeError: a raw error/);
  expect(await find()).toMatchObject({ iteration: fault?.iteration });
  expect(inputOf([frail], 7, fault?.iteration ?? 0).bytes.includes('__proto__')).toBe(true);
});

test.each([
  ['late twice, with a result', [3000, 3000], undefined, /no answer for 3000 ms, twice/],
  ['late twice, with a sentence', [3000, 3000], new InputError({ asked: 'a', found: 'b', fix: 'c' }), /3000 ms/],
  ['late once, as on a busy machine', [3000, 5], undefined, undefined],
  ['in time', [5], undefined, undefined],
] as const)('an answer that is %s', async (_title, times, error, expected) => {
  let [now, tries] = [0, 0];
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
  const slow: Parser = {
    name: 'slow',
    corpus: [Buffer.from('x')],
    read() {
      now += times[tries++] ?? 0;
      if (error !== undefined) throw error;
    },
  };
  const fault = await tryOne([slow], 7, 0, 'folder').finally(() => clock.mockRestore());
  expect(tries).toBe(times.length);
  if (expected === undefined) expect(fault).toBeUndefined();
  else expect(fault?.what).toMatch(expected);
});

test('errors that are no answer are faults: raw ones, and messages that nobody reads to the end', () => {
  const answer = (found: string): InputError => new InputError({ asked: 'read', found, fix: 'Correct it' });
  expect(faultOf(answer('it is torn'))).toBeUndefined();
  expect(faultOf(answer('x'.repeat(5000)))).toMatch(/a message of 50\d\d characters/);
  expect(faultOf(new RangeError('Invalid array length'))).toMatch(/RangeError/);
  expect(faultOf(new InternalError('broken'))).toMatch(/internal: broken/);
});

test('what the corpus begins with is taken: a reader that refuses everything would be tried in vain', async () => {
  const right = ['header', 'safetensors', 'index', 'config', 'tokenizer', 'tokenizer-config', 'events', 'run', 'recipe-record', 'statistics', 'text', 'parquet', 'target', 'backend', 'package', 'carried', 'set', 'hub-commit', 'hub-tree',
    ...parsers().map(({ name }) => name).filter((name) => name.startsWith('unit-'))]; // prettier-ignore
  await withFolder(async (folder) => {
    for (const [index, { name, corpus, read }] of parsers().entries()) {
      if (!right.includes(name) || index === parsers().length - 1) continue;
      await read(corpus[0] ?? Buffer.alloc(0), join(folder, String(index)));
    }
  });
});
