// Half a minute of mutated inputs with a fresh seed: each gets a result or one clean sentence, soon.
import { afterAll, expect, test } from 'vitest';
import { tryOne, withFolder, type Fault } from './loop.js';
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
