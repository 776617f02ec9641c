// Packed documents that do not see each other: loss and gradients are those of the documents on their own, for student and teacher.
import { fileURLToPath } from 'node:url';
import { ortBackend } from '@espalier/backend-ort';
import {
  applyPlan,
  at,
  fullPlan,
  lossGraph,
  packed,
  padRows,
  present,
  random,
  trainModel,
  weightShape,
  weightSpecs,
  type Model,
  type TokenBatch,
} from '@espalier/core';
import { evaluate as evaluateGraph, gradient, state, type LeafValues, type Tensor } from '@espalier/core/graph';
import { fixtureModel } from '@espalier/testing';
import { adamw, constantRate, crossEntropyLoss, forwardKlLoss, llama } from '@espalier/plugins';
import { beforeAll, expect, test } from 'vitest';

const folder = fileURLToPath(new URL('../../../packages/core/src/testing/fixtures/tiny-llama', import.meta.url));
/** Tokens of the documents; the last token of all is a target alone. */
const lengths = [4, 2, 6, 1, 5];
const length = lengths.reduce((a, b) => a + b) - 1;
const stream = random(7);
const documents = lengths.map((own) => Array.from({ length: own }, () => stream.integer(96)));
const losses = [
  { term: crossEntropyLoss(), weight: 1 },
  { term: forwardKlLoss(), weight: 0.5 },
];
const measured = ['student/model.embed_tokens.weight', 'student/model.layers.1.self_attn.k_proj.weight'];

let teacher: Model;
let student: Model;
let weights: Record<string, Float64Array>;
beforeAll(async () => {
  teacher = await fixtureModel(folder, llama());
  const { hidden, ffn, heads, kvHeads } = fullPlan(teacher.architecture);
  const two = <Item>(own: readonly Item[]): readonly Item[] => own.slice(0, 2);
  student = applyPlan(teacher, { layers: [0, 2], hidden, ffn: two(ffn), heads: two(heads), kvHeads: two(kvHeads) });
  weights = {};
  for (const [name, model] of [['student', student] as const, ['teacher', teacher] as const])
    for (const spec of weightSpecs(model))
      weights[`${name}/${spec.name}`] = Float64Array.from(await model.weights.read(spec.name));
});

/** Loss, rows and gradients of a batch in float64. */
function measure(batch: TokenBatch, crossDocumentAttention: boolean, states: LeafValues['states'] = weights) {
  const { batch: rows, length: tokens, ids, targets, weights: counted, documents: owners } = batch;
  const options = { student, teacher, losses, optimizer: adamw(), clipNorm: 1, batch: rows, length: tokens };
  const graph = lossGraph({ ...options, crossDocumentAttention });
  const loss = present(graph.totals.student, 'a loss');
  const leaves = measured.map((name) => {
    const spec = present(
      weightSpecs(student).find((own) => `student/${own.name}` === name),
      name,
    );
    return state(name, weightShape(spec, student.architecture.sizes), 'float32');
  });
  const gradients = gradient(loss, leaves).map((own, index) => [at(measured, index), own] as const);
  const inputs = { ids, targets, weights: counted, ...(owners && { documents: owners }) };
  const outputs: Record<string, Tensor> = { loss, rows: graph.rows, ...Object.fromEntries(gradients) };
  const values = evaluateGraph(outputs, { inputs, states });
  return (name: string): Float64Array => present(values[name], name);
}

async function packedBatch(crossDocumentAttention: boolean): Promise<TokenBatch> {
  for await (const batch of packed(documents, { batch: 1, length, crossDocumentAttention })) return batch;
  throw new Error('there is no batch');
}

/** Means over all predictions of the documents, each in a row of its own. */
function apart(): Readonly<Record<string, readonly number[]>> {
  const parts = documents.map((own) => measure(padRows([own], { batch: 1, length }), true));
  const total = parts.reduce((sum, own) => sum + at(own('rows'), 0), 0);
  const mean = (name: string): readonly number[] =>
    Array.from(at(parts, 0)(name), (_, index) =>
      parts.reduce((sum, own) => sum + (at(own('rows'), 0) / total) * at(own(name), index), 0),
    );
  return Object.fromEntries(['loss', ...measured].map((name) => [name, mean(name)]));
}

const largestGap = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.max(...Array.from(a, (own, index) => Math.abs(own - (b[index] ?? NaN))));

test('the loss of a packed row is the mean of its documents on their own, weighted by tokens, and so are its gradients', async () => {
  const expected = apart();
  const own = measure(await packedBatch(false), false);
  expect(own('rows')[0]).toBe(length + 1 - lengths.length);
  for (const name of ['loss', ...measured])
    expect(largestGap(own(name), present(expected[name], name)), name).toBeLessThan(1e-9);
  // The same row with attention across its documents is another one.
  const across = measure({ ...(await packedBatch(false)) }, true);
  expect(largestGap(across('loss'), present(expected['loss'], 'loss'))).toBeGreaterThan(1e-4);
});

test.each(measured)('the gradient in %s is that of differences of the loss', async (name) => {
  const batch = await packedBatch(false);
  const values = present(weights[name], name);
  const draw = random(3).fork(name);
  const direction = values.map(() => draw.normal());
  const moved = (step: number): number =>
    at(measure(batch, false, { ...weights, [name]: values.map((own, i) => own + step * at(direction, i)) })('loss'), 0);
  const step = 1e-4;
  const slope = (8 * (moved(step) - moved(-step)) - (moved(2 * step) - moved(-2 * step))) / (12 * step);
  const own = measure(batch, false)(name);
  const expected = own.reduce((sum, value, index) => sum + value * at(direction, index), 0);
  expect(Math.abs(slope - expected) / Math.abs(expected)).toBeLessThan(1e-6);
});

test('a training on ONNX Runtime begins at that loss, also where its steps are of several batches', async () => {
  const expected = at(present(apart()['loss'], 'loss'), 0);
  const batch = await packedBatch(false);
  const tools = { signal: new AbortController().signal };
  for (const accumulate of [1, 2]) {
    const told: number[] = [];
    await trainModel(
      student,
      teacher,
      {
        losses,
        optimizer: adamw(),
        schedule: constantRate({ peak: 0.001 }),
        tokens: length * accumulate,
        accumulate,
        batch: 1,
        length,
        crossDocumentAttention: false,
        data: Array.from({ length: accumulate }, () => batch),
        evaluation: { every: 1, data: () => [padRows(documents.slice(0, 1), { batch: 1, length })] },
      },
      { backend: ortBackend(), random: random(1) },
      {
        ...tools,
        report(event) {
          if (event.type === 'metric' && event.name === 'loss') told.push(event.value);
        },
      },
    );
    expect(told[0]).toBeCloseTo(expected, 4);
  }
});

test('batches that do not tell their documents are refused where attention stays within them', async () => {
  const options = {
    losses: [at(losses, 0)],
    optimizer: adamw(),
    schedule: constantRate({ peak: 0.001 }),
    tokens: length,
    batch: 1,
    length,
    crossDocumentAttention: false,
    data: packed(documents, { batch: 1, length }),
  };
  const tools = { signal: new AbortController().signal, report: () => undefined };
  const attempt = trainModel(student, undefined, options, { backend: ortBackend(), random: random(1) }, tools);
  await expect(attempt).rejects.toThrow(/does not say which document.*crossDocumentAttention: false/);
});
