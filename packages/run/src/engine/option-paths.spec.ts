// Paths in options of strategies count from the folder of the recipe that names them, in a fresh run and in a resumed one.
import { definePlugin, pathOption, strategy } from '@espalier/core';
import { join } from 'node:path';
import { ignoreElements } from 'rxjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createBench, type Bench } from '../testing/bench.js';
import { compress, finished, resume } from './run.js';

let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
});
afterAll(() => bench.remove());

test('a relative path of a subscriber is seen from the recipe, also where its run goes on', async () => {
  const seen: string[] = [];
  const curves = strategy('subscriber', {
    name: 'curves',
    summary: 'remembers where it would write',
    options: z.strictObject({ folder: pathOption() }),
    create: ({ folder }) => {
      seen.push(folder);
      return { listen: (events) => events.pipe(ignoreElements()) };
    },
  });
  const plugins = [definePlugin({ name: 'paths', provides: [curves] })];
  const recipe = { ...bench.recipe, subscribers: [{ name: 'curves', folder: 'curves' }] };
  const folder = join(bench.folder, 'run');
  const recipeFile = join(bench.folder, 'recipes', 'own.yaml');
  await finished(compress(recipe, { plugins, folder, recipeFile, until: { stage: 'score' } }));
  expect(new Set(seen.splice(0))).toEqual(new Set([join(bench.folder, 'recipes', 'curves')]));
  await finished(resume(folder, { plugins, until: { stage: 'score' } }));
  expect(new Set(seen)).toEqual(new Set([join(bench.folder, 'recipes', 'curves')]));
});
