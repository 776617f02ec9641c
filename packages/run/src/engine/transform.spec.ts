// Transforms of a step: what they leave is trained, measured, exported and the next step's source; in a folder it is read back.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { definePlugin, strategy, type Model } from '@espalier/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createBench, type Bench } from '../testing/bench.js';
import { compress, finished, resume, type RunOptions } from './run.js';

let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
});
afterAll(() => bench.remove());

let uses = 0;
const weight = 'model.layers.0.mlp.up_proj.weight';
const filled = strategy('transform', {
  name: 'filled',
  summary: 'one weight gets one value everywhere',
  options: z.strictObject({ value: z.number().default(0.5), length: z.int().exactOptional() }),
  create: ({ value, length }) => ({
    async apply(model: Model) {
      uses++;
      const read = async (name: string): Promise<Float32Array> => {
        const own = await model.weights.read(name);
        return name === weight ? new Float32Array(length ?? own.length).fill(value) : own;
      };
      return Promise.resolve({ ...model, weights: { read } });
    },
  }),
});
const lost = strategy('transform', {
  name: 'lost',
  summary: 'has lost its way',
  create: () => ({ apply: () => Promise.reject(new TypeError('where am I')) }),
});
const plugins = [definePlugin({ name: 'transforms', provides: [filled, lost] })];

const first = () => bench.recipe.steps[0]!;
const still = { schedule: { name: 'constant', peak: 1e-30, warmup: 0 }, tokens: 64, batch: 4, length: 16 };
const run = (step: object, options: RunOptions = {}, more: readonly object[] = []) =>
  finished(
    compress({ ...bench.recipe, steps: [{ ...first(), ...step }, ...more] } as typeof bench.recipe, {
      ...options,
      plugins,
    }),
  );

async function valuesOf(model: Model | undefined): Promise<ReadonlySet<number>> {
  if (model === undefined) throw new Error('no such student');
  return new Set(await model.weights.read(weight));
}
const losses = (rows: readonly { readonly measures: readonly { readonly value: number }[] }[]) =>
  rows.map(({ measures }) => measures[0]?.value);

test('after pruning: what is measured as pruned, and trained, is the changed model', async () => {
  const plain = await run({ distillation: still });
  const { students, rows } = await run({ transforms: [{ at: 'after-prune', name: 'filled' }], distillation: still });
  expect(await valuesOf(students.get('narrow/distilled'))).toEqual(new Set([0.5]));
  expect(losses(rows)[1]).not.toBe(losses(plain.rows)[1]);
  expect(losses(rows)[1]).toBe(losses(rows)[2]);
});

test('after distillation: what is measured and cut by the next step is the changed model, one transform after another', async () => {
  const transforms = [
    { at: 'after-distil', name: 'filled', value: 3 },
    { at: 'after-distil', name: 'filled', value: 0.25 },
  ];
  const next = { ...first(), name: 'next', target: 'layers=2', search: 'depth', distillation: still };
  const { students, rows } = await run({ transforms }, {}, [next]);
  expect(await valuesOf(students.get('narrow/distilled'))).toEqual(new Set([0.25]));
  expect(await valuesOf(students.get('next/distilled'))).toEqual(new Set([0.25]));
  const plain = await run({});
  expect(losses(rows)[1]).toBe(losses(plain.rows)[1]);
  expect(losses(rows)[2]).not.toBe(losses(plain.rows)[2]);
});

test('in a folder it comes to the same, lies there as a model, and is not made again', async () => {
  const folder = join(bench.folder, 'changed');
  const step = { transforms: [{ at: 'after-distil', name: 'filled' }] };
  const inMemory = await run(step);
  expect(losses((await run(step, { folder })).rows)).toEqual(losses(inMemory.rows));
  const kept = await readFile(join(folder, 'stages/narrow/transform/filled/student/config.json'), 'utf8');
  expect(JSON.parse(kept)).toMatchObject({ model_type: 'llama' });
  const before = uses;
  expect(losses((await finished(resume(folder, { plugins }))).rows)).toEqual(losses(inMemory.rows));
  expect(uses).toBe(before);
});

test.each([
  ['fails', { name: 'lost' }, /by "lost"[^]*where am I/],
  ['gives no numbers', { name: 'filled', value: 1e39 }, /by "filled"[^]*up_proj/],
  ['gives another size', { name: 'filled', length: 3 }, /by "filled"[^]*has 3 numbers/],
])('a transform that %s fails the run by its name', async (_fault, own, message) => {
  await expect(run({ transforms: [{ at: 'after-prune', ...own }] })).rejects.toThrow(message);
});

test('a place that does not exist is refused', async () => {
  await expect(run({ transforms: [{ at: 'before-breakfast', name: 'filled' }] })).rejects.toThrow(/after-prune/);
});
