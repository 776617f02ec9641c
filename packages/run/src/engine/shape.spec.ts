// A plan that was read from a run folder, and may have been made for another model.
import { join } from 'node:path';
import { InputError, loadModel } from '@espalier/core';
import { llama } from '@espalier/plugins';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createBench, type Bench } from '../testing/bench.js';
import { cutBy, planSchema } from './shape.js';

let bench: Bench;
beforeEach(async () => {
  bench = await createBench();
});
afterEach(() => bench.remove());

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const each = (count: number): number[][] => Array.from({ length: 3 }, () => range(count));
const whole = { layers: range(3), hidden: range(32), ffn: each(44), heads: each(4), kvHeads: each(2) };

test.each([
  ['a layer that is not there', { layers: [0, 1, 3] }],
  ['a channel that is not there', { hidden: [...range(31), 32] }],
  ['a channel twice', { hidden: [0, 0, 1] }],
  ['fewer lists than layers', { ffn: each(8).slice(1) }],
  ['heads that lose their group', { heads: each(4), kvHeads: each(1) }],
  ['a part removed of a layer that goes', { layers: [0, 1], withoutAttention: [2] }],
  ['nothing left', { layers: [], ffn: [], heads: [], kvHeads: [] }],
])('a plan with %s is refused in words', async (_what, change) => {
  const { model, close } = await loadModel(join(bench.folder, 'model'), [llama()]);
  try {
    expect(cutBy(planSchema.parse(whole), model, 'w').architecture.sizes.ffn).toBe(44);
    const misfit = planSchema.parse({ ...whole, ...change });
    expect(() => cutBy(misfit, model, 'w')).toThrow(InputError);
    expect(() => cutBy(misfit, model, 'w')).toThrow(/^prune by the plan of "w": .*w\/prune/);
  } finally {
    await close();
  }
});
