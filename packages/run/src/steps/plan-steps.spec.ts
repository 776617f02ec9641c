// What steps would do and cost: shapes, tokens, work, memory and advice, from shapes alone.
import { fileURLToPath } from 'node:url';
import { createRunContainer, forwardFlops, type Model, type ModelShape } from '@espalier/core';
import { fixtureModel } from '@espalier/testing';
import { llama, minitronPlugin } from '@espalier/plugins';
import { expect, test } from 'vitest';
import { advise } from '../advisor/advise.js';
import { planFacts, planStep, type PlannedStep } from './plan-steps.js';
import { resolveSteps, type ResolvedStep } from './resolve-step.js';
import { compressionSteps, type CompressionStepInput } from './step-schema.js';

const folder = fileURLToPath(new URL('../../../core/src/testing/fixtures/tiny-llama', import.meta.url));
/** 3 layers, hidden 32, ffn 44, heads 4 / kv 2 of 12, vocab 96. */
const tinyLlama = (): Promise<Model> => fixtureModel(folder, llama());
const container = createRunContainer([minitronPlugin]);
const size = { batch: 2, length: 6 };

/** The steps one after another, each from the shape that the one before it leaves. */
function planSteps(original: ModelShape, own: readonly ResolvedStep[]): readonly PlannedStep[] {
  return own.reduce<readonly PlannedStep[]>(
    (planned, step) => [...planned, planStep({ original, from: planned.at(-1)?.to ?? original }, step)],
    [],
  );
}

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

test('a plan counts what the program of its training holds: less in float16, with few layers kept, and within what is given', async () => {
  const { family, architecture } = await tinyLlama();
  const memory = (own: NonNullable<CompressionStepInput['distillation']>) => {
    const distillation = { tokens: 24, ...size, batch: 64, ...own };
    return planSteps({ family, architecture }, steps({ target: 'ffn=8', distillation }, {}))[0]?.memory;
  };
  const [whole, half] = [memory({}), memory({ precision: 'float16' })];
  expect(half?.teacher).toBe(whole?.teacher);
  expect(half?.values).toBeLessThan(0.9 * (whole?.values ?? 0));
  const text = memory({ losses: ['cross-entropy'] });
  expect(text?.teacher).toBe(0);
  // Sums of gradients beside weights and two moments; a count of rows, and its next value in either program.
  expect(memory({ accumulate: 2 })?.state).toBe((whole?.state ?? NaN) * (4 / 3) + 12);
  const given = Math.round((whole?.total ?? NaN) - 1000);
  expect(memory({ memory: `${given}B` })?.total).toBeLessThanOrEqual(given);
  expect(() => memory({ memory: '1MiB' })).toThrow(/it takes about .* at least/);
});

test("a plan counts the teacher's correction, and tells the advisor of it, of rounds and of the scorer of layers", async () => {
  const { family, architecture } = await tinyLlama();
  const planned = (own: Partial<CompressionStepInput>) =>
    planSteps({ family, architecture }, steps({ target: 'layers=2', search: 'depth', ...own }, {})).slice(0, 1);
  const correct = (correction: NonNullable<CompressionStepInput['distillation']>['correction']) =>
    planned({ distillation: { tokens: 24, ...size, correction } })[0];
  const [plain, before, meanwhile] = [correct(undefined), correct({}), correct({ when: 'meanwhile' })];
  expect([plain?.correctionTokens, before?.correctionTokens, meanwhile?.correctionTokens]).toEqual([0, 8 * 32_864, 0]);
  const forward = forwardFlops({ family, architecture }, size.length);
  expect((before?.flops ?? 0) - (plain?.flops ?? 0)).toBe(8 * 32_864 * 3 * forward);
  expect((meanwhile?.flops ?? 0) - (plain?.flops ?? 0)).toBe(24 * 2 * forward);
  // The teacher's weights are what learns, with two moments.
  expect(meanwhile?.memory.teacher).toBe(0);
  expect((meanwhile?.memory.state ?? 0) - (plain?.memory.state ?? 0)).toBe(4 * 32_864 * 3);
  expect(before?.memory.total).toBeGreaterThan(plain?.memory.total ?? Infinity);

  const scorers = ['activation', { name: 'magnitude', axes: ['layers' as const] }];
  const facts = planFacts(
    planned({
      importance: { scorers, rounds: 2 },
      distillation: { tokens: 24, ...size, correction: {} },
    }),
    { textLikePretraining: false },
  );
  expect(facts.steps[0]).toMatchObject({
    layerScorer: 'magnitude',
    importanceRounds: 2,
    teacherCorrected: true,
    textLikePretraining: false,
  });
  const rules = advise(facts).map(({ rule }) => rule);
  expect(rules).toEqual(expect.arrayContaining(['depth-by-effect', 'importance-once']));
  expect(rules).not.toContain('correct-the-teacher');
});

test('a plan shows what a search would look through, and that ranking without training is advised against', async () => {
  const { family, architecture } = await tinyLlama();
  const [planned, second] = planSteps(
    { family, architecture },
    steps({ target: '70%', search: { name: 'grid', candidates: 3 } }, { target: '99%' }),
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
  ['options that are not', { pruner: { name: 'width', order: 'random' } }, /order/],
  ['a schedule without its peak', { distillation: { schedule: 'cosine' } }, /peak/],
  ['a balancer that is not known', { distillation: { balancer: 'dynamic-aplha' } }, /Perhaps "dynamic-alpha"/],
  ['a mapping without its pairs', { distillation: { mapping: 'explicit' } }, /pairs/],
  [
    'a correction by a loss that needs a teacher',
    { distillation: { correction: { losses: ['forward-kl'] } } },
    /correct the teacher by loss "forward-kl": it compares with a teacher/,
  ],
  ['a target that cannot be read', { target: 'half' }, /half/],
  ['two steps of one name', { name: 'step-2' }, /"step-2" is there twice/],
])('%s is refused before anything is run', (_what, first, message) => {
  expect(() => steps(first, {})).toThrow(message);
});
