// Ranking, and the prune stage at the end of a pipeline of all stages before it.
import { expect, test } from 'vitest';
import { referenceBackend } from '../../backend/index.js';
import { batchList, padRows } from '../../data/index.js';
import { fullPlan, type Model } from '../../model/index.js';
import { Pipeline, type PipelineEvent } from '../../pipeline/index.js';
import { random } from '../../random.js';
import { calibrate } from '../3-calibrate/index.js';
import { score, type ImportanceScorer } from '../4-score/index.js';
import { parseTarget, search, type ShapeSearch } from '../5-search/index.js';
import { toyFamily, toyModel } from '../testing/toy-model.js';
import { prune, type PruneOptions } from './prune.js';
import { keepBest, ranking, type Pruner } from './pruner.js';

test('the higher score comes first, of equals the lower index', () => {
  expect(ranking([1, 3, 2, 3, 1])).toEqual([1, 3, 2, 0, 4]);
});

test('what is kept stands as it stood, or by importance', () => {
  expect(keepBest([1, 3, 2, 3, 1], 3)).toEqual([1, 2, 3]);
  expect(keepBest([1, 3, 2, 3, 1], 3, 'importance')).toEqual([1, 3, 2]);
});

const scorer: ImportanceScorer = {
  name: 'fixed',
  summary: '',
  observe: () => [],
  score: () => ({ layers: [3, 1, 2] }),
};
const strategy: ShapeSearch = {
  name: 'fixed',
  summary: '',
  choose: ({ architecture }) => ({ ...architecture, layers: 2 }),
};
/** Keeps the best layers; `extra` more than asked for. */
const pruner = (extra = 0): Pruner => ({
  name: 'fixed',
  summary: '',
  plan(architecture, scores, { layers }) {
    const count = layers + extra;
    return { ...fullPlan({ ...architecture, layers: count }), layers: keepBest(scores.layers ?? [], count) };
  },
});

async function run(own: Pruner, teacher = toyModel(), options: PruneOptions = {}, target = '70%') {
  const events: PipelineEvent[] = [];
  const data = batchList([padRows([[1, 2]], { batch: 1, length: 2 })]);
  const result = await Pipeline.of({ teacher }, { backend: referenceBackend(), random: random(1) })
    .pipe(
      calibrate({ scorers: [scorer], samples: 1, data }),
      score([scorer]),
      search(strategy, parseTarget(target)),
      prune(own, options),
    )
    .run((event) => events.push(event));
  return { ...result, findings: events.flatMap((event) => (event.type === 'finding' ? [event.message] : [])) };
}

test('from statistics to a student, in one pipeline', async () => {
  const { plan, student, findings } = await run(pruner());
  expect(plan.layers).toEqual([0, 2]);
  expect(student.architecture.layers).toBe(2);
  expect((await student.weights.read('1.in'))[0]).toBe(11000);
  expect(findings).toContain('layers by importance, least first (0-based): 1, 2, 0');
  expect(findings.at(-2)).toMatch(/^pruned to 2 layers, .*; layers 1 \(0-based\) dropped$/);
  expect(findings.at(-1)).toMatch(/^checked: the cut model says what the masked one says \(largest difference 0/);
});

test('a family that does not heed the masks is found out, unless nobody asks', async () => {
  const deaf: Model = {
    ...toyModel(),
    family: {
      ...toyFamily,
      forward: (architecture, { ids, weight }) => toyFamily.forward(architecture, { ids, weight }),
    },
  };
  await expect(run(pruner(), deaf)).rejects.toThrow(
    /the cut model differs from the masked one by .*; family "toy" must use the masks in its forward pass/,
  );
  const { findings } = await run(pruner(), deaf, { check: false });
  expect(findings.at(-1)).toMatch(/^pruned to 2 layers/);
});

test('a plan that misses the target is an error that names the pruner', async () => {
  await expect(run(pruner(1))).rejects.toThrow(/prune to 2 layers.* with pruner "fixed": its plan leaves 3 layers/);
});

test.each<[string, Pruner['plan']]>([
  ['the plan keeps no ffn', (shape, _scores, { layers }) => ({ ...fullPlan({ ...shape, layers }), ffn: [[], []] })],
  [
    'it went wrong',
    () => {
      throw new TypeError('it went wrong');
    },
  ],
])('a pruner whose plan is wrong in itself is named: %s', async (found, plan) => {
  await expect(run({ ...pruner(), plan })).rejects.toThrow(`with pruner "fixed": ${found}`);
});

test('removed halves are named, and the masks know them', async () => {
  const halves: Pruner = {
    name: 'halves',
    summary: '',
    plan: (architecture) => ({ ...fullPlan(architecture), withoutAttention: [0, 2], withoutFeedForward: [1] }),
  };
  const { student, findings } = await run(halves, toyModel(), {}, 'attentionLayers=1,ffnLayers=2');
  expect(student.architecture).toMatchObject({ withoutAttention: [0, 2], withoutFeedForward: [1] });
  expect(findings.at(-2)).toMatch(
    /^pruned to 3 layers \(1 with attention, 2 with feed-forward\), .*; all layers kept; attention of layers 0, 2 \(0-based\) removed; feed-forward of layers 1 \(0-based\) removed$/,
  );
  expect(findings.at(-1)).toMatch(/^checked: /);
});
