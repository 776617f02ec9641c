// What a plan counts, held against the products that a run computes: a backend between the run and ONNX Runtime adds them up.
import { ortBackend } from '@espalier/backend-ort';
import { definePlugin, matmulFlops, strategy, type Plugin } from '@espalier/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { hubAccess } from '../hub/access.js';
import { trustStore } from '../plugins/trust.js';
import { parseRecipe } from '../recipe/read-recipe.js';
import type { RecipeInput } from '../recipe/schema.js';
import { plannedWork, type StageWork } from '../steps/planned-work.js';
import { createBench, type Bench } from '../testing/bench.js';
import { evaluatorsOf } from './measure.js';
import { foreseenText, type ForeseenText } from './planned-text.js';
import { prepareRecipe, type Opening } from './prepare-recipe.js';
import { compress, finished } from './run.js';
import { waitsOf } from './waits.js';

let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
});
afterAll(() => bench.remove());

/** A backend `counting`, and the products of all programs by their names as they have run, in FLOPs. */
function counting(): { readonly plugin: Plugin; readonly computed: ReadonlyMap<string, number> } {
  const computed = new Map<string, number>();
  const backend = strategy('backend', {
    name: 'counting',
    summary: 'counts what is computed',
    options: z.strictObject({}),
    create() {
      const inner = ortBackend({ threads: 1 });
      return {
        ...inner,
        name: 'counting',
        devices: () => inner.devices(),
        createState: (...own) => inner.createState(...own),
        async compile(...own) {
          const executable = await inner.compile(...own);
          const { program } = executable;
          const flops = matmulFlops(program);
          return {
            program,
            run(...given) {
              computed.set(program.name, (computed.get(program.name) ?? 0) + flops);
              return executable.run(...given);
            },
            dispose: () => executable.dispose(),
          };
        },
      };
    },
  });
  return { plugin: definePlugin({ name: 'counting', provides: [backend] }), computed };
}

async function plan(
  recipe: RecipeInput,
  plugin: Plugin,
): Promise<ForeseenText & { readonly work: readonly StageWork[] }> {
  const opening: Opening = {
    hub: await hubAccess({}, () => undefined, true),
    plugins: [plugin],
    trust: { named: [], all: false, store: trustStore({}) },
    logger: { info: () => undefined, warn: () => undefined },
  };
  const prepared = await prepareRecipe(parseRecipe(recipe, 'of the run'), opening, {});
  const text = await foreseenText(prepared, opening, { waits: waitsOf(() => undefined) });
  const { recipe: parsed, planned, shape } = prepared;
  const work = plannedWork({
    original: shape,
    planned,
    comparisons: parsed.steps.map(({ compare }) => compare),
    pretraining: parsed.pretraining,
    evaluators: evaluatorsOf(prepared),
    teacher: parsed.evaluation.teacher,
    text,
  });
  return { ...text, work };
}

const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);

const [narrow] = [
  { importance: { samples: 8, batch: 4, length: 16 }, distillation: { tokens: 512, batch: 4, length: 16 } },
];
type Steps = NonNullable<RecipeInput['steps']>;
test.each<[string, Steps, readonly string[], readonly string[]]>([
  [
    'a search that trains, and what is compared with',
    [
      {
        target: '70%',
        ...narrow,
        search: { name: 'halving', candidates: 4, rungs: [512, 1024] },
        compare: ['lm-loss', 'scratch'],
      },
    ],
    ['search', 'distil', 'speed'],
    ['perplexity', 'throughput'],
  ],
  [
    'correction, validation, measured layers and the check of the ranking',
    [
      {
        target: 'layers=1',
        pruner: 'depth',
        importance: { ...narrow.importance, samples: 64, depth: { documents: 16 }, checkRanking: true },
        distillation: { ...narrow.distillation, validateEvery: 2, correction: { tokens: 512 } },
      },
    ],
    ['correct', 'score depth', 'calibrate', 'distil'],
    ['perplexity'],
  ],
  [
    'gradients for importance, in rounds, twice of one model',
    [
      { target: '70%', ...narrow, importance: { ...narrow.importance, samples: 64, scorers: ['taylor'], rounds: 2 } },
      {
        name: 'other',
        from: 'model',
        target: '60%',
        ...narrow,
        importance: { ...narrow.importance, samples: 64, scorers: ['taylor'], rounds: 2 },
      },
    ],
    ['calibrate', 'prune iteratively'],
    ['perplexity'],
  ],
])('the work of a plan is what a run computes: %s', async (_what, steps, stages, evaluators) => {
  const { plugin, computed } = counting();
  const recipe = {
    ...bench.recipe,
    backend: 'counting',
    evaluation: { maxTokens: 17, evaluators: [...evaluators] },
    steps,
  };
  const { work } = await plan(recipe, plugin);
  expect(computed.size).toBe(0);
  const hub = await hubAccess({}, () => undefined, true);
  await finished(compress(recipe, { hub, plugins: [plugin] }));
  const [foreseen, done] = [sum(work.map(({ flops }) => flops)), sum(computed.values())];
  // Texts side by side and the check of the cut are not foreseen.
  expect(foreseen / done, JSON.stringify([work, [...computed]], null, 1)).toBeGreaterThan(0.85);
  expect(foreseen / done).toBeLessThan(1.15);
  // Each of these counts, so that a plan without it would be told apart from the run.
  for (const stage of stages)
    expect(sum(work.filter((own) => own.stage === stage).map(({ flops }) => flops)) / done, stage).toBeGreaterThan(
      0.03,
    );
});

test('text that the model writes is counted once for all trainings, and for each calibration', async () => {
  const { plugin } = counting();
  const { work, written, tokens } = await plan({ ...bench.recipe, data: 'teacher', backend: 'counting' }, plugin);
  expect([written, tokens]).toEqual([1, undefined]);
  expect(work.find(({ writes }) => writes)).toMatchObject({
    stage: 'write the text',
    tokens: 128 * 17 + 512 + 8 * 16,
  });
});
