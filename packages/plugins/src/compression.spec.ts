// Two steps on the tiny model: one stream of events, each student the next source, the teacher by choice.
import {
  applyPlan,
  compress,
  createRunner,
  evaluationContext,
  fullPlan,
  compressionSteps,
  createRunContainer,
  forwardFlops,
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
import { describe, expect, test } from 'vitest';
import { perplexity } from './evaluator/perplexity.js';
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

test('layers are measured by leaving them out where the step asks for it', async () => {
  const original = await tinyLlama();
  const depth = { evaluator: 'perplexity', blocks: false };
  const own: Partial<CompressionStepInput> = {
    target: 'layers=2',
    search: 'depth',
    importance: { samples: 4, ...size, depth },
  };
  const events: PipelineEvent[] = [];
  const held = { documents: [document.slice(0, 20)] };
  const chain = steps({ ...own, name: 'shallow' }, { target: 'ffn=30', importance: { samples: 4, ...size, depth } });
  const { finished } = await compress(original, chain, { ...text, evaluation: () => held }, context).run((event) =>
    events.push(event),
  );
  // The same, by cutting each layer out and measuring.
  const runs = [0, 1, 2].map(async (gone) => {
    const full = fullPlan(original.architecture);
    const layers = full.layers.filter((layer) => layer !== gone);
    const two = <T>(lists: readonly T[]): readonly T[] => lists.slice(0, 2);
    const plan = { ...full, layers, ffn: two(full.ffn), heads: two(full.heads), kvHeads: two(full.kvHeads) };
    const runner = await createRunner(applyPlan(original, plan), context);
    try {
      const tools = { report: () => undefined, signal: new AbortController().signal };
      return (await perplexity().evaluate(runner, evaluationContext(original, held, context), tools)).loss;
    } finally {
      await runner.dispose();
    }
  });
  const losses = await Promise.all(runs);
  const least = losses.indexOf(Math.min(...losses));
  expect(finished[0]?.plan.layers).toEqual([0, 1, 2].filter((layer) => layer !== least));
  // The second step keeps all layers: nothing is measured for it.
  const measured = events.filter((event) => event.type === 'finding' && event.name === 'depth');
  expect(measured.map(({ stage }) => stage)).toEqual(['shallow/score depth']);
  await expect(compress(original, chain, text, context).run()).rejects.toThrow('Give StepText.evaluation');
});

test('two scorers share the axes between them, and one asked for an axis that it lacks is refused', async () => {
  const original = await tinyLlama();
  const scorers = [
    { name: 'activation', axes: ['hidden' as const, 'heads' as const] },
    { name: 'magnitude', axes: ['ffn' as const] },
  ];
  const [both, magnitude] = [scorers, ['magnitude']].map((own) =>
    steps({ target: 'ffn=30', importance: { samples: 4, ...size, scorers: own } }, { target: '100%' }),
  );
  const kept = async (chain: typeof both) =>
    (await compress(original, chain ?? [], text, context).run()).finished[0]?.plan.ffn;
  expect(await kept(both)).toEqual(await kept(magnitude));
  const wrong = [{ name: 'activation', axes: ['layers' as const] }];
  const twice = ['activation', 'magnitude'];
  expect(() => steps({ importance: { scorers: twice } }, {})).toThrow('activation scores them already');
  expect(() => steps({ importance: { scorers: wrong } }, {})).toThrow(
    'score layers with activation: it scores ffn, heads, hidden',
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

/** What one step says of itself: stages, findings, and losses by name. */
async function runStep(own: Partial<CompressionStepInput>, validation = false) {
  const given = await tinyLlama();
  const [step] = steps({ target: 'layers=2,ffn=30', ...own }, {});
  if (step === undefined) throw new Error('no step');
  const events: PipelineEvent[] = [];
  const held = validation ? { ...text, validation: text.training } : text;
  const state = await compress(given, [step], held, context).run((event) => events.push(event));
  const stages = events.flatMap((event) => (event.type === 'stage-started' ? [event.stage.replace(/.*\//, '')] : []));
  const findings = events.flatMap((event) => (event.type === 'finding' ? [event] : []));
  const metrics = (stage: string, name: string): readonly number[] =>
    events.flatMap((event) =>
      event.type === 'metric' && event.stage.endsWith(stage) && event.name === name ? [event.value] : [],
    );
  return { given, ...state, stages, findings, metrics };
}

describe('a step', () => {
  const distillation = { tokens: 24, ...size };

  test('puts its losses together by its balancer, over the layers of its mapping', async () => {
    const losses = ['forward-kl', 'block-output'];
    const balanced = await runStep({ distillation: { ...distillation, losses, balancer: 'dynamic-alpha' } });
    const [total, kl] = ['loss', 'loss/forward-kl'].map((name) => balanced.metrics('distil', name)[0] ?? NaN);
    expect(total).toBeCloseTo(2 * (kl ?? NaN), 6); // the states are brought to the size of the logits
    const states = (run: typeof balanced): number => run.metrics('distil', 'loss/block-output')[0] ?? NaN;
    const pairs = [{ student: 0, teacher: 2 }];
    const mapping = { name: 'explicit', pairs };
    const mapped = await runStep({ distillation: { ...distillation, losses, mapping } });
    expect(states(mapped)).not.toBeCloseTo(states(balanced), 6);
  });

  test('corrects its teacher before it cuts it', async () => {
    const correction = { tokens: 36 };
    const run = await runStep({ distillation: { ...distillation, correction } });
    expect(run.stages).toEqual(['correct', 'calibrate', 'score', 'search', 'prune', 'distil']);
    expect(run.metrics('correct', 'loss')).toHaveLength(3);
    expect(run.original).not.toBe(run.given);
    expect(run.original.architecture).toEqual(run.given.architecture);
    const plain = await runStep({});
    expect(plain.original).toBe(plain.given);
    expect(run.metrics('distil', 'loss')[0]).not.toBe(plain.metrics('distil', 'loss')[0]);
  });

  test('corrects its teacher while that teaches', async () => {
    const correction = { when: 'meanwhile' as const };
    const run = await runStep({ distillation: { ...distillation, correction } });
    expect(run.stages).toEqual(['calibrate', 'score', 'search', 'prune', 'distil']);
    expect(run.metrics('distil', 'teacherLoss')).toHaveLength(2);
    expect(run.original).toBe(run.given);
  });

  test('estimates importance in rounds, and proves the cut that comes of them', async () => {
    const once = await runStep({});
    const twice = await runStep({ importance: { samples: 4, ...size, rounds: 2 } });
    const count = (run: typeof once, name: string): number =>
      run.findings.filter((finding) => finding.name === name).length;
    expect([count(once, 'round'), count(twice, 'round')]).toEqual([0, 2]);
    expect([count(twice, 'plan'), count(twice, 'masked-check')]).toEqual([1, 1]);
    expect(twice.source.architecture).toEqual(once.source.architecture);
  });

  test.each([true, false])('checks its ranking, on text held back: %s', async (validation) => {
    const { stages, findings } = await runStep({ importance: { samples: 4, ...size, checkRanking: true } }, validation);
    expect(stages).toEqual(['calibrate', 'score', 'search', 'check ranking', 'prune', 'distil']);
    expect(findings.map(({ name }) => name)).toContain('ranking');
  });
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

test('a plan of products in float16 counts halved activations, and the same weights, moments and gradients', async () => {
  const { family, architecture } = await tinyLlama();
  const memory = (precision: 'float32' | 'float16', batch: number) => {
    const distillation = { tokens: 24, ...size, batch, precision };
    return planSteps({ family, architecture }, steps({ target: 'ffn=8', distillation }, {}))[0]?.memory;
  };
  const [whole, half] = [memory('float32', 64), memory('float16', 64)];
  expect(half).toMatchObject({ state: whole?.state, gradients: whole?.gradients, teacher: whole?.teacher });
  expect(half?.activations).toBeLessThan(0.8 * (whole?.activations ?? 0));
  // In a batch of few tokens the rounded copies of the weights are more than what is saved.
  expect(memory('float16', 1)?.activations).toBeGreaterThan(memory('float32', 1)?.activations ?? Infinity);
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
  // The teacher's weights, once as such and then as what learns, with two moments, in two buffers, and a gradient.
  expect((meanwhile?.memory.state ?? 0) - (plain?.memory.state ?? 0)).toBe(4 * 32_864 * 3 * 2);
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
