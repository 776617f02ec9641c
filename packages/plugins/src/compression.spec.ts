// Two steps on the tiny model: one stream of events, each student the next source, the teacher by choice.
import {
  compress,
  compressionSteps,
  createRunContainer,
  modelParameters,
  packed,
  planFacts,
  planSteps,
  random,
  referenceBackend,
  resolveSteps,
  advise,
  type CompressionStepInput,
  type PipelineEvent,
  type StepText,
} from '@espalier/core';
import { expect, test } from 'vitest';
import { minitronPlugin } from './minitron.js';
import { tinyLlama } from './testing/tiny-llama.js';

const context = { backend: referenceBackend(), random: random(1) };
const container = createRunContainer([minitronPlugin]);
const document = Array.from({ length: 400 }, (_, i) => (i * i * 7 + 3 * i) % 96);
const size = { batch: 2, length: 6 };
const text: StepText = {
  calibration: ({ step }) => packed([document], step.importance),
  training: ({ step }) => packed([document], step.distillation),
};

function steps(first: Partial<CompressionStepInput>, second: Partial<CompressionStepInput>) {
  const common: CompressionStepInput = {
    target: '100%',
    importance: { samples: 4, ...size },
    distillation: { tokens: 24, ...size },
  };
  return resolveSteps(
    compressionSteps.parse([
      { ...common, ...first },
      { ...common, ...second },
    ]),
    container,
  );
}

test('each step cuts what the one before it left', async () => {
  const original = await tinyLlama();
  const events: PipelineEvent[] = [];
  const chain = steps({ name: 'narrow', target: '75%' }, { name: 'shallow', target: 'layers=2', search: 'depth' });
  const { source, finished } = await compress(original, chain, text, context).run((event) => events.push(event));
  const [narrow, shallow] = finished;
  expect(narrow?.after).toEqual(shallow?.before);
  expect(source.architecture).toEqual(shallow?.after);
  expect(source.architecture).toMatchObject({ layers: 2, sizes: narrow?.after.sizes });
  expect(
    modelParameters({ ...original, architecture: narrow?.after ?? original.architecture }).parameters,
  ).toBeLessThanOrEqual(0.75 * 32_864);
  expect(finished.map(({ training }) => training.tokens)).toEqual([24, 24]);

  const started = events.flatMap((event) => (event.type === 'stage-started' ? [event.stage] : []));
  const stages = ['calibrate', 'score', 'search', 'prune', 'distil'];
  expect(started).toEqual(['narrow', 'shallow'].flatMap((step) => stages.map((stage) => `${step}/${stage}`)));
  expect(new Set(events.map(({ run }) => run))).toEqual(new Set(['compress']));

  // What was planned is what came.
  expect(planSteps(original, chain).map(({ to, tokens }) => ({ to: to.architecture, tokens }))).toEqual(
    finished.map(({ after }) => ({ to: after, tokens: 24 })),
  );
});

test('the first model of all teaches, or the last one, by choice', async () => {
  const original = await tinyLlama();
  const first: Partial<CompressionStepInput> = { target: 'ffn=30' };
  const secondLosses = async (teacher: 'original' | 'previous') => {
    const chain = steps(first, { target: 'ffn=20', distillation: { tokens: 24, ...size, teacher } });
    const losses: number[] = [];
    await compress(original, chain, text, context).run((event) => {
      if (event.type === 'metric' && event.name === 'loss' && event.stage === 'step-2/distil') losses.push(event.value);
    });
    return losses;
  };
  const [byOriginal, byPrevious] = [await secondLosses('original'), await secondLosses('previous')];
  expect(byOriginal).toHaveLength(2);
  expect(byOriginal[0]).not.toBe(byPrevious[0]);
  // The student is a part of the last model, so it begins nearer to that one.
  expect(byPrevious[0]).toBeLessThan(byOriginal[0] ?? 0);
});

test('a plan has costs and gets advice, and nothing is read', async () => {
  const { family, architecture } = await tinyLlama();
  const planned = planSteps(
    { family, architecture },
    steps({ target: '90%' }, { target: 'layers=1', search: 'depth' }),
  );
  const [first, second] = planned;
  expect(first).toMatchObject({ name: 'step-1', from: { architecture }, tokens: 24 });
  expect(second?.from).toEqual(first?.to);
  expect(first?.memory.teacher).toBe(4 * 32_864);
  expect(first?.flops).toBeGreaterThan(24 * 4 * 2 * 20_000);
  expect(advise(planFacts(planned)).map(({ rule, step }) => `${step}: ${rule}`)).toEqual([
    'step-2: width-before-depth',
    'step-2: deep-cut-needs-states',
    'step-2: half-at-a-time',
  ]);
});

test('a plan shows what a search would look through, and that ranking without training is advised against', async () => {
  const { family, architecture } = await tinyLlama();
  const [planned, second] = planSteps(
    { family, architecture },
    steps({ target: '70%', search: { name: 'grid', options: { candidates: 3 } } }, { target: '99%' }),
  );
  expect(planned?.search).toMatchObject({ candidates: [{}, {}, {}], tokens: 0 });
  expect(planned?.search?.space.feasible).toBeGreaterThanOrEqual(3);
  expect(planned?.to.architecture).toEqual(planned?.search?.candidates[0]?.architecture);
  expect(second?.search).toBeUndefined();
  expect(advise(planFacts(planned ? [planned] : [])).map(({ rule }) => rule)).toContain('train-before-ranking');
});

test.each<[string, Partial<CompressionStepInput>, RegExp]>([
  [
    'a name that is not known',
    { search: 'proportional-witdh' },
    /search "proportional-witdh".*Perhaps "proportional-width"/,
  ],
  ['options that are not', { pruner: { name: 'width', options: { order: 'random' } } }, /order/],
  ['a schedule without its peak', { distillation: { schedule: 'cosine' } }, /peak/],
  ['a target that cannot be read', { target: 'half' }, /half/],
  ['two steps of one name', { name: 'step-2' }, /"step-2" is there twice/],
])('%s is refused before anything is run', (_what, first, message) => {
  expect(() => steps(first, {})).toThrow(message);
});
