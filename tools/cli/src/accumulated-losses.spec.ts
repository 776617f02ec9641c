// What a step of several micro-batches reports, against PyTorch's loss of the step as one batch (tools/oracle/accumulated-losses.py).
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ortBackend } from '@espalier/backend-ort';
import {
  applyPlan, InputError, padRows, prompted, random, trainModel, weightSpecs, type Model, type StageReport,
  type TrainingDocument, type TrainOptions,
} from '@espalier/core'; // prettier-ignore
import { fixtureModel, worstRatio } from '@espalier/testing';
import { adamw, crossEntropyLoss, forwardKlLoss, llama, lmLossBalancer } from '@espalier/plugins';
import { describe, expect, test } from 'vitest';

interface Golden {
  readonly batch: number;
  readonly length: number;
  readonly rate: number;
  readonly temperature: number;
  readonly weights: Readonly<Record<'forward-kl' | 'cross-entropy', number>>;
  readonly documents: readonly { readonly ids: readonly number[]; readonly prompt: number }[];
  readonly steps: readonly Readonly<Record<'loss' | 'loss/forward-kl' | 'loss/cross-entropy', number>>[];
  readonly validationAfterwards: number;
}

const fixtures = new URL('../../../packages/core/src/testing/fixtures/', import.meta.url);
const golden = JSON.parse(await readFile(new URL('accumulated-losses/golden.json', fixtures), 'utf8')) as Golden;
const teacher = await fixtureModel(fileURLToPath(new URL('tiny-llama', fixtures)), llama());
const { length, weights, temperature } = golden;
const documents = golden.documents.map(({ ids, prompt }) => prompted(ids, prompt));
const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const student = applyPlan(teacher, {
  layers: [0, 1],
  hidden: range(32),
  ffn: [range(44), range(44)],
  heads: [range(4), range(4)],
  kvHeads: [range(2), range(2)],
});
const backend = ortBackend();
const distillation = [
  { term: forwardKlLoss({ temperature, scaleByTemperature: true }), weight: weights['forward-kl'] },
  { term: crossEntropyLoss(), weight: weights['cross-entropy'] },
];

const batches = (micro: number, given: readonly TrainingDocument[] = documents) =>
  range(Math.ceil(given.length / micro)).map((index) =>
    padRows(given.slice(index * micro, (index + 1) * micro), { batch: micro, length }),
  );

function options(micro: number, own: Partial<TrainOptions> = {}): TrainOptions {
  return {
    losses: distillation,
    optimizer: adamw(),
    schedule: () => golden.rate,
    tokens: documents.length * length,
    batch: micro,
    length,
    accumulate: golden.batch / micro,
    data: batches(micro),
    ...own,
  };
}

async function train(own: TrainOptions) {
  const reports: StageReport[] = [];
  const tools = { signal: new AbortController().signal, report: (event: StageReport) => void reports.push(event) };
  const trained = await trainModel(student, teacher, own, { backend, random: random(1) }, tools);
  const series = (name: string): number[] =>
    reports.flatMap((event) => (event.type === 'metric' && event.name === name ? [event.value] : []));
  const warnings = reports.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
  return { ...trained, series, warnings };
}

async function bytes(model: Model): Promise<Buffer> {
  const values = await Promise.all(weightSpecs(model).map(({ name }) => model.weights.read(name)));
  return Buffer.concat(values.map((own) => Buffer.from(own.buffer, own.byteOffset, own.byteLength)));
}

describe('the losses reported of a step', () => {
  for (const micro of [4, 2, 1]) {
    test(`are means over its tokens, in micro-batches of ${micro}`, async () => {
      const saved: (readonly number[])[] = [];
      const own = options(micro, {
        checkpoint: { every: 1, save: ({ losses }) => Promise.resolve(void saved.push(losses)) },
        evaluation: {
          every: 4,
          data: () => batches(micro),
          losses: [{ term: crossEntropyLoss(), weight: 1 }],
        },
      });
      const { series, record } = await train(own);
      for (const name of ['loss', 'loss/forward-kl', 'loss/cross-entropy'] as const) {
        const expected = golden.steps.map((step) => step[name]);
        expect(worstRatio(series(name), expected), name).toBeLessThan(1e-4);
      }
      expect(worstRatio(saved.at(-1) ?? [], series('loss'))).toBe(0);
      expect(worstRatio([record.finalLoss], [golden.steps[3]?.loss ?? NaN])).toBeLessThan(1e-4);
      expect(worstRatio(series('validation/loss'), [golden.validationAfterwards])).toBeLessThan(1e-4);
    });
  }

  test('are means over its tokens where a balancer makes one number of the terms in each micro-batch', async () => {
    // Its value is L_text + L_distillation · (L_text / L_distillation) = 2 · L_text of every micro-batch, L_text its weighted term.
    const { series } = await train(options(1, { balancer: lmLossBalancer(), tokens: 4 * length }));
    expect(
      worstRatio(series('loss'), [2 * weights['cross-entropy'] * (golden.steps[0]?.['loss/cross-entropy'] ?? NaN)]),
    ).toBeLessThan(1e-4);
  });
});

describe('a step in which no prediction counts', () => {
  const empty = prompted([5, 6, 7], 3);
  const four = documents.slice(0, 4);

  for (const micro of [4, 2]) {
    test(`is passed over with a warning, in micro-batches of ${micro}`, async () => {
      const eight = documents.slice(0, 8);
      const own = { tokens: 8 * length };
      const plain = await train(options(micro, { ...own, data: batches(micro, eight) }));
      const data = batches(micro, [...four, empty, empty, empty, empty, ...documents.slice(4, 8)]);
      const { series, model, record, warnings } = await train(options(micro, { ...own, data }));
      expect(series('loss')).toEqual(plain.series('loss'));
      expect(Buffer.compare(await bytes(model), await bytes(plain.model))).toBe(0);
      expect(record.steps).toBe(2);
      expect(warnings).toEqual([expect.stringContaining('no prediction counts in the batches after step 1')]);
    });
  }

  test('is refused where the data has nothing else', async () => {
    function* endless() {
      for (;;) yield padRows([empty], { batch: 4, length });
    }
    const refused = train(options(4, { data: endless() }));
    await expect(refused).rejects.toThrow(InputError);
    await expect(refused).rejects.toThrow('no prediction counts in the data of 1000 steps in a row');
  });

  test('leaves validation text without predictions refused, not measured as 0', async () => {
    const data = () => batches(4, [empty, empty, empty, empty]);
    const refused = train(options(4, { evaluation: { every: 1, data } }));
    await expect(refused).rejects.toThrow('no prediction of its text counts');
  });
});
