// The suites of balancers, mappings, evaluators and exporters find what they are there to find: a sound strategy passes, and each
// fault is found by the check that is there for it.
import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  exportModel,
  InputError,
  runnerWeights,
  uniformPairs,
  weightedSum,
  type Evaluator,
  type Exporter,
  type LayerMapping,
  type LossBalancer,
  type Model,
  type ModelRunner,
  type Transform,
  memoryWeights,
  weightSpecs,
} from '@espalier/core';
import { divide, hostIntegers, input, multiply, power, program, stopGradient } from '@espalier/core/graph';
import { balancerChecks } from './describe-balancer.js';
import { evaluatorChecks } from './describe-evaluator.js';
import { exporterChecks } from './describe-exporter.js';
import { mappingChecks } from './describe-mapping.js';
import { transformChecks } from './describe-transform.js';
import { failedChecks } from './strategy-check.js';
import { tinyDocuments } from './tiny-documents.js';
import { tinyModel } from './tiny-model.js';

const nothing = (): InputError => new InputError({ asked: 'balance', found: 'there is no term', fix: 'Give one' });

const plain: LossBalancer = {
  name: 'plain',
  summary: 'Σ weight · term',
  total(terms) {
    const total = weightedSum(terms);
    if (total === undefined) throw nothing();
    return total;
  },
};
const changed = (total: LossBalancer['total']): LossBalancer => ({ ...plain, total });

test('a sound balancer passes', async () => expect(await failedChecks(balancerChecks(plain))).toEqual([]));

test.each<[fault: string, LossBalancer, found: string]>([
  [
    'leaves out a group',
    changed((terms, context) => weightedSum(terms, 'logits') ?? plain.total(terms, context)),
    'minimises every term',
  ],
  [
    'lets no gradient through',
    changed((terms, context) => stopGradient(plain.total(terms, context))),
    'minimises every term',
  ],
  ['pushes terms up', changed((terms, context) => multiply(plain.total(terms, context), -1)), 'minimises every term'],
  [
    'divides by a term',
    changed((terms, context) => {
      const [first] = terms;
      if (first === undefined) throw nothing();
      return multiply(plain.total(terms, context), divide(stopGradient(first.value), stopGradient(first.value)));
    }),
    'stays finite',
  ],
  [
    'weighs by place',
    changed((terms, context) =>
      plain.total(
        terms.map((own, index) => ({ ...own, weight: own.weight * (index + 1) })),
        context,
      ),
    ),
    'order of the terms',
  ],
  ['scales a term alone', changed((terms, context) => multiply(plain.total(terms, context), 0.5)), 'without company'],
  [
    'throws another error',
    changed((terms, context) => {
      if (terms.length === 0) throw new RangeError('nothing');
      return plain.total(terms, context);
    }),
    'refuses no terms',
  ],
  [
    'is infinite',
    changed((terms, context) => power(multiply(plain.total(terms, context), 0), -1)),
    'one finite number',
  ],
])('a balancer that %s is found', async (_fault, balancer, found) => {
  expect((await failedChecks(balancerChecks(balancer))).join('; ')).toContain(found);
});

test('a balancer that does without a group it is said to need is found', async () => {
  expect(await failedChecks(balancerChecks(plain, { needs: ['states'] }))).toEqual([
    expect.stringContaining('the lack of a group that it needs'),
  ]);
});

const uniform: LayerMapping = { name: 'uniform', summary: 'by share of the depth', pairs: uniformPairs };
const mapped = (pairs: LayerMapping['pairs']): LayerMapping => ({ ...uniform, pairs });

test('a sound mapping passes', async () => expect(await failedChecks(mappingChecks(uniform))).toEqual([]));

let calls = 0;
test.each<[fault: string, LayerMapping, found: string]>([
  ['pairs nothing', mapped(() => []), 'one pair at least'],
  [
    'throws another error',
    mapped(() => {
      throw new RangeError('no such layer');
    }),
    'one pair at least',
  ],
  [
    'counts from 1',
    mapped((...of) => uniformPairs(...of).map(({ student, teacher }) => ({ student, teacher: teacher + 1 }))),
    'both models have',
  ],
  ['gives shares of layers', mapped((s, t) => [{ student: 0, teacher: t / s - 0.5 }]), 'both models have'],
  [
    'turns the teacher over',
    mapped((s, t) => uniformPairs(s, t).map(({ student, teacher }) => ({ student, teacher: t - 1 - teacher }))),
    'none cross',
  ],
  ['says pairs twice', mapped((...of) => [...uniformPairs(...of), ...uniformPairs(...of)]), 'no pair twice'],
  ['depends on the call', mapped((_s, t) => [{ student: 0, teacher: calls++ % t }]), 'the same pairs again'],
  ['takes the first layer for all', mapped((s) => uniformPairs(s, 1)), 'pairs every layer with itself'],
])('a mapping that %s is found', async (_fault, mapping, found) => {
  expect((await failedChecks(mappingChecks(mapping))).join('; ')).toContain(found);
});

const documents = await tinyDocuments();

/** Mean logit of the right token, over the tiny model's own text. */
async function meanLogit({ model, run }: ModelRunner): Promise<number> {
  const shape = [documents.length, documents[0]?.length ?? 0];
  const ids = input('ids', shape, 'int32');
  const logits = model.family.forward(model.architecture, { ids, weight: runnerWeights(model) });
  const found = await run(program('logits', { outputs: { logits } }), { ids: hostIntegers(documents.flat(), shape) });
  const { vocab } = model.architecture.sizes;
  const values = documents.flatMap((document, row) =>
    document.slice(1).map((id, place) => found['logits']?.data[(row * document.length + place) * vocab + id] ?? NaN),
  );
  return values.reduce((sum, own) => sum + own, 0) / values.length;
}
const logit: Evaluator<number> = {
  name: 'logit',
  summary: 'mean logit of the right token',
  evaluate: meanLogit,
  objective: (mean) => -mean,
};
const measured = (quality: (own: number) => number): Evaluator<number> => ({
  ...logit,
  evaluate: async (runner) => quality(await meanLogit(runner)),
});

test('a sound evaluator passes', async () => expect(await failedChecks(evaluatorChecks(logit))).toEqual([]));

let measurements = 0;
test.each<[fault: string, Evaluator<number>, found: string]>([
  ['is not finite', { ...logit, objective: () => NaN }, 'finite'],
  ['gives what JSON does not hold', measured(() => Infinity), 'survives JSON'],
  ['is lower for better', measured((own) => -own), 'lower for the whole model'],
  ['does not look at the model', measured(() => 1), 'not so of all'],
  ['changes from call to call', measured((own) => own + ++measurements), 'the same result for the same model'],
  [
    'changes the model',
    {
      ...logit,
      async evaluate(runner) {
        const own = await meanLogit(runner);
        const name = 'model/model.embed_tokens.weight';
        const { [name]: weight } = await runner.read([name]);
        if (weight?.dtype === 'float32') {
          await runner.write({ [name]: { ...weight, data: weight.data.map((value) => value / 2) } });
        }
        return own;
      },
    },
    'whatever it measured before',
  ],
])('an evaluator that %s is found', async (_fault, evaluator, found) => {
  expect((await failedChecks(evaluatorChecks(evaluator))).join('; ')).toContain(found);
});

const folder: Exporter = {
  name: 'folder',
  summary: 'a Hugging Face folder',
  async export(model, path, { overwrite }) {
    await exportModel(model, path, { overwrite });
  },
};
const exporting = (write: Exporter['export'], more: Partial<Exporter> = {}): Exporter => ({ ...folder, export: write, ...more }); // prettier-ignore
let exports = 0;

test('a sound exporter passes', async () => expect(await failedChecks(exporterChecks(folder))).toEqual([]));

test.each<[fault: string, Exporter, found: string]>([
  [
    'rounds weights',
    exporting(async (model, path, { overwrite }) => {
      await exportModel(model, path, { overwrite, storage: 'F16' });
    }),
    'read back with the same weights',
  ],
  [
    'leaves a file beside the folder',
    exporting(async (model, path, request) => {
      await folder.export(model, path, request);
      await writeFile(`${path}.log`, 'done');
    }),
    'nothing beside the folder',
  ],
  [
    'writes the time into a file',
    exporting(async (model, path, request) => {
      await folder.export(model, path, request);
      await writeFile(join(path, 'README.md'), String(++exports));
    }),
    'the same bytes',
  ],
  [
    'writes into any folder',
    exporting(async (model, path, { overwrite }) => {
      const others = existsSync(path) ? (await readdir(path)).filter((name) => name.endsWith('.jpg')) : [];
      if (others.length === 0) return folder.export(model, path, { overwrite });
      await writeFile(join(path, 'model.safetensors'), '');
    }),
    'refuses a folder that holds something else',
  ],
  [
    'always replaces',
    exporting((model, path) => folder.export(model, path, { overwrite: true })),
    'only when it is told to',
  ],
  [
    'begins before it can go on',
    exporting(async (model, path, request) => {
      await mkdir(path, { recursive: true });
      await folder.export(model, path, request);
    }),
    'leaves nothing behind',
  ],
  [
    'says nothing of a failure',
    exporting((model, path, request) => folder.export(model, path, request).catch(() => undefined)),
    'is passed on',
  ],
  [
    'finds every place good',
    exporting((...given) => folder.export(...given), { check: () => Promise.resolve() }),
    'says beforehand',
  ],
])('an exporter that %s is found', async (_fault, exporter, found) => {
  expect((await failedChecks(exporterChecks(exporter))).join('; ')).toContain(found);
});

/** Every weight through a function of its values. */
const throughout = (change: (values: Float32Array) => Float32Array): Transform => ({
  name: 'throughout',
  summary: 'changes every weight',
  async apply(model: Model) {
    const values = new Map<string, Float32Array>();
    for (const { name } of weightSpecs(model)) values.set(name, change(await model.weights.read(name)));
    return { ...model, weights: memoryWeights(values) };
  },
});
let times = 0;

test('a sound transform passes', async () => {
  expect(await failedChecks(transformChecks(throughout((values) => values.map((own) => own / 2))))).toEqual([]);
});

test.each<[fault: string, Transform, found: string]>([
  ['gives infinities', throughout((values) => values.map(() => Infinity)), 'a whole model'],
  ['loses numbers', throughout((values) => values.slice(1)), 'a whole model'],
  ['writes into what it read', throughout((values) => values.fill(2)), 'leaves the model'],
  ['counts its uses', throughout((values) => values.map(() => times++)), 'the same'],
])('a transform that %s is found', async (_fault, transform, found) => {
  expect((await failedChecks(transformChecks(transform, tinyModel()))).join('; ')).toContain(found);
});
