// Layers measured by leaving them out of one masked program, against models from which they have been cut.
import {
  applyPlan,
  createRunner,
  evaluationContext,
  fullPlan,
  layersWithout,
  leastBlock,
  measureDepth,
  Pipeline,
  random,
  scoreDepthOfTarget,
  type Evaluator,
  type Json,
  type Model,
  type PipelineEvent,
  type StageTools,
} from '@espalier/core';
import { referenceBackend } from '@espalier/core/graph';
import { beforeAll, expect, test } from 'vitest';
import { cloze } from './cloze.js';
import { perplexity } from './perplexity.js';
import { throughput } from './throughput.js';
import { depthPruner } from '../pruner/depth.js';
import { tinyLlama } from '../testing/tiny-llama.js';

const documents = [
  [5, 17, 3, 80, 41, 9, 66, 2],
  [60, 2, 33, 8, 91],
];
const items = Array.from({ length: 24 }, (_, i) => ({
  prompt: [i, (7 * i + 3) % 96, (11 * i + 5) % 96],
  choices: [(3 * i) % 96, (3 * i + 40) % 96],
  answer: i % 2,
}));
const text = { documents, items };
const context = { backend: referenceBackend(), random: random(1) };
const tools: StageTools = { report: () => undefined, signal: new AbortController().signal };

let model: Model;
beforeAll(async () => {
  model = await tinyLlama();
});

/** The measurement of a model that really lacks the layers. */
async function cutResult<Result extends Json>(evaluator: Evaluator<Result>, gone: readonly number[]): Promise<Result> {
  const full = fullPlan(model.architecture);
  const layers = full.layers.filter((layer) => !gone.includes(layer));
  const of = <T>(lists: readonly T[]): readonly T[] => lists.slice(0, layers.length);
  const plan = { ...full, layers, ffn: of(full.ffn), heads: of(full.heads), kvHeads: of(full.kvHeads) };
  const runner = await createRunner(applyPlan(model, plan), context);
  try {
    return await evaluator.evaluate(runner, evaluationContext(model, text, context), tools);
  } finally {
    await runner.dispose();
  }
}

test('losses without layers and without blocks are those of the cut models', async () => {
  const { whole, blocks, scores } = await measureDepth(model, perplexity(), text, { blocks: [2, 1] }, context, tools);
  const lossOf = async (gone: readonly number[]) => (await cutResult(perplexity(), gone)).loss;
  expect(whole).toBeCloseTo(-(await lossOf([])), 5);
  expect(blocks.map(({ start, length }) => [start, length])).toEqual([[0, 1], [1, 1], [2, 1], [0, 2], [1, 2]]); // prettier-ignore
  for (const { start, length, score } of blocks) {
    const gone = [0, 1, 2].slice(start, start + length);
    expect(score).toBeCloseTo((await lossOf(gone)) + whole, 5);
  }
  expect(scores).toEqual({ layers: blocks.slice(0, 3).map(({ score }) => score) });
});

test('accuracies without a layer are those of the cut models', async () => {
  const { whole, scores } = await measureDepth(model, cloze(), text, {}, context, tools);
  const accuracy = async (gone: readonly number[]) => (await cutResult(cloze(), gone)).accuracy;
  expect(whole).toBe(await accuracy([]));
  for (const layer of [0, 1, 2]) expect(scores.layers?.[layer]).toBeCloseTo(whole - (await accuracy([layer])), 12);
  expect(new Set([whole, ...(await Promise.all([0, 1, 2].map((layer) => accuracy([layer]))))]).size).toBeGreaterThan(1);
});

test('without both halves a layer is gone; each half alone costs something else', async () => {
  const { scores } = await measureDepth(model, perplexity(), text, { halves: true }, context, tools);
  expect(scores.attention).toHaveLength(3);
  expect(scores.feedForward).toHaveLength(3);
  const all = [...(scores.layers ?? []), ...(scores.attention ?? []), ...(scores.feedForward ?? [])];
  expect(new Set(all.map((own) => own.toFixed(6))).size).toBe(9);
});

test('a half is measured by itself: what the evaluator sees is the model with that gate shut', async () => {
  // The evaluator reads the mask through the model: with layer 1's feed-forward block gated off, its down projection is of no account.
  const spoilt: Model = {
    ...model,
    weights: {
      async read(name) {
        const values = await model.weights.read(name);
        return name.includes('layers.1.mlp.down_proj') ? values.map(() => 0) : values;
      },
    },
  };
  const own = await measureDepth(model, perplexity(), text, { halves: true }, context, tools);
  const zeroed = await measureDepth(spoilt, perplexity(), text, { halves: true }, context, tools);
  expect(own.whole - (own.scores.feedForward?.[1] ?? NaN)).toBeCloseTo(zeroed.whole, 6);
  expect(zeroed.scores.feedForward?.[1]).toBeCloseTo(0, 6);
});

test.each([[0], [3], [1.5]])('blocks of %s layers are refused', async (length) => {
  const attempt = measureDepth(model, perplexity(), text, { blocks: [1, length] }, context, tools);
  await expect(attempt).rejects.toThrow(
    `without blocks of ${length} layers: the model has 3 layers. Give lengths from 1 to 2.`,
  );
});

test('the least missed block becomes scores by which the depth pruner drops just that block', () => {
  const blocks = [
    { start: 0, length: 2, score: 0.4 },
    { start: 1, length: 2, score: 0.1 },
    { start: 1, length: 1, score: 0 },
  ];
  const block = leastBlock(blocks, 2);
  expect(block.start).toBe(1);
  const { architecture } = model;
  const plan = depthPruner().plan(architecture, { layers: layersWithout(block, 3) }, { ...architecture, layers: 1 });
  expect(plan.layers).toEqual([0]);
  expect(() => leastBlock(blocks, 3)).toThrow('blocks of 2, 1 layers were measured');
});

test('the stage scores the layers by the block that goes, and tells the least missed blocks, 0-based', async () => {
  const events: PipelineEvent[] = [];
  const target = { ...model.architecture, layers: 1 };
  const state = await Pipeline.of({ teacher: model, target, scores: { hidden: [1], layers: [9, 9, 9] } }, context)
    .pipe(scoreDepthOfTarget(perplexity(), text, { blocks: true }))
    .run((event) => events.push(event));
  const { blocks } = await measureDepth(model, perplexity(), text, { blocks: [2] }, context, tools);
  expect(state.scores).toEqual({ hidden: [1], layers: layersWithout(leastBlock(blocks, 2), 3) });
  const finding = events.find((event) => event.type === 'finding');
  expect(finding?.message).toContain('layers 0-based');
  expect(finding?.data).toMatchObject({ metric: 'perplexity', blocks });
  const [last] = events.filter((event) => event.type === 'progress').slice(-1);
  expect(last?.done).toBe(last?.total);
});

test('an evaluator that cannot say what a layer is worth is refused before anything is run', async () => {
  const measure = (evaluator: Evaluator, of = text) => measureDepth(model, evaluator, of, {}, context, tools);
  await expect(measure(throughput())).rejects.toThrow('evaluator "throughput": it has no objective');
  await expect(measure(cloze(), { documents, items: [] })).rejects.toThrow('nothing for it to measure');
});
