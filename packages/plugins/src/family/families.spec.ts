// Every family against transformers (tools/oracle/families.py): logits of a tiny checkpoint, and of the folders that our exporter
// wrote after pruning each axis. A family is used as a whole: it samples text, and gradients reach all its weights.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  applyPlan,
  createGenerator,
  exportModel,
  initialise,
  modelParameters,
  random,
  weightSpecs,
  type Model,
  type ModelFamily,
  type PrunePlan,
} from '@espalier/core';
import { referenceBackend } from '@espalier/core/graph';
import { expectClose, fixtureModel, modelLogits, trainingCurve, unpack, type PackedTensor } from '@espalier/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { crossEntropyLoss } from '../loss/cross-entropy.js';
import { adamw } from '../optimizer/adamw.js';
import { fixture } from '../testing/tiny-llama.js';
import { llama } from './llama.js';
import { mistral } from './mistral.js';
import { nemotron } from './nemotron.js';
import { qwen2 } from './qwen2.js';
import { qwen3 } from './qwen3.js';

interface Golden {
  readonly ids: readonly (readonly number[])[];
  readonly logits: PackedTensor;
  readonly cuts: readonly { readonly cut: string; readonly plan: PrunePlan; readonly logits: PackedTensor }[];
}

const families: Readonly<Record<string, ModelFamily>> = {
  'llama-2': llama(),
  'llama-3': llama(),
  'llama-3.1': llama(),
  'llama-3.2': llama(),
  mistral: mistral(),
  nemotron: nemotron(),
  qwen2: qwen2(),
  qwen3: qwen3(),
};
const context = { backend: referenceBackend(), random: random(1) };

describe.each(Object.entries(families))('%s', (name, family) => {
  const folder = fixture(`families/${name}`);
  let golden: Golden;
  let model: Model;
  let temporary: string;
  beforeAll(async () => {
    golden = JSON.parse(await readFile(join(folder, 'golden.json'), 'utf8')) as Golden;
    model = await fixtureModel(folder, family);
    temporary = await mkdtemp(join(tmpdir(), 'families-'));
  });
  afterAll(() => rm(temporary, { recursive: true }));

  test('gives the logits of transformers', async () => {
    expectClose(await modelLogits(model, golden.ids, context), unpack(golden.logits), 1e-5);
  });

  test('pruned along each axis gives the logits that transformers computes from the exported folder', async () => {
    expect(golden.cuts.map(({ cut }) => cut)).toEqual(expect.arrayContaining(['hidden', 'attention', 'all']));
    for (const { cut, plan, logits } of golden.cuts) {
      const student = applyPlan(model, plan);
      const own = await modelLogits(student, golden.ids, context);
      expectClose(own, unpack(logits), 1e-5, cut);
      expect(Math.max(...own.map((value, i) => Math.abs(value - (unpack(golden.logits)[i] ?? NaN))))).toBeGreaterThan(
        0.01,
      );
      await exportModel(student, join(temporary, cut));
      expect(await modelLogits(await fixtureModel(join(temporary, cut), family), golden.ids, context)).toEqual(own);
    }
  });

  test('samples text with its cache as without', async () => {
    const student = applyPlan(model, golden.cuts.find(({ cut }) => cut === 'attention')?.plan ?? golden.cuts[0]!.plan);
    for (const own of [model, student]) {
      const options = { batch: 2, length: 6, temperature: 0, prompt: golden.ids.map((row) => row.slice(0, 3)) };
      const generator = await createGenerator(own, context, options);
      const ids = await generator.sample(random(1));
      await generator.dispose();
      const rows = [ids.slice(0, 6), ids.slice(6)].map((row) => [...row]);
      const logits = await modelLogits(own, rows, context);
      const { vocab } = own.architecture.sizes;
      const likeliest = (row: number, position: number): number => {
        const start = (row * 6 + position) * vocab;
        const line = [...logits.subarray(start, start + vocab)];
        return line.indexOf(Math.max(...line));
      };
      rows.forEach((row, index) =>
        expect(row.slice(3)).toEqual([2, 3, 4].map((position) => likeliest(index, position))),
      );
    }
  });

  test('learns from scratch: every weight moves, and the loss falls', async () => {
    const fresh = initialise(model, random(2));
    const [ids = [], targets = []] = [golden.ids[0]?.slice(0, 7), golden.ids[0]?.slice(1)];
    const batch = {
      ids: Int32Array.from(ids),
      targets: Int32Array.from(targets),
      weights: new Float32Array(7).fill(1),
      batch: 1,
      length: 7,
    };
    const options = {
      losses: [{ term: crossEntropyLoss(), weight: 1 }],
      optimizer: adamw(),
      schedule: () => 0.02,
      tokens: 7 * 4,
      batch: 1,
      length: 7,
      data: Array.from({ length: 4 }, () => batch),
    };
    const curve = await trainingCurve(fresh, undefined, options, context);
    expect(curve.losses[0]).toBeCloseTo(Math.log(model.architecture.sizes.vocab), 0);
    expect(curve.losses[3]).toBeLessThan((curve.losses[0] ?? 0) - 0.01);
    for (const { name: weight } of weightSpecs(model)) {
      expect(await curve.model.weights.read(weight), weight).not.toEqual(await fresh.weights.read(weight));
    }
  });

  test('has as many parameters as its checkpoint', async () => {
    let parameters = 0;
    for (const { name: weight } of weightSpecs(model)) parameters += (await model.weights.read(weight)).length;
    expect(modelParameters(model).parameters).toBe(parameters);
  });
});

test('a family is at most 60 lines', async () => {
  const files = ['llama.ts', 'mistral.ts', 'nemotron.ts', 'qwen2.ts', 'qwen3.ts'];
  expect(await readdir(import.meta.dirname)).toEqual(expect.arrayContaining(files));
  for (const file of files) {
    const text = await readFile(join(import.meta.dirname, file), 'utf8');
    expect(text.split('\n').length - 1, file).toBeLessThanOrEqual(60);
  }
});
