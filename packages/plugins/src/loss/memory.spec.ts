// Settings of a training step that save memory change none of its numbers.
import {
  createRunContainer,
  createStrategy,
  fitMemory,
  InputError,
  lossGraph,
  modelParameters,
  present,
  random,
  stepBytes,
  trainProgram,
  type Architecture,
  type TrainStepOptions,
} from '@espalier/core';
import {
  elementCount,
  evaluate as evaluateGraph,
  gradient,
  program,
  state,
  statesInPlace,
  topological,
  type Program,
  type Tensor,
} from '@espalier/core/graph';
import {
  caseInputs,
  caseName,
  caseStates,
  chunkedCaseOptions,
  expectClose,
  lossOutputs,
  readGoldenLosses,
  type LossCase,
  type LossStrategies,
} from '@espalier/testing';
import { describe, expect, test } from 'vitest';
import { minitronPlugin } from '../minitron.js';
import { fixture } from '../testing/tiny-llama.js';
import { llama } from '../family/llama.js';
import { adamw } from '../optimizer/adamw.js';
import { attentionRelationLoss } from './attention-relation.js';
import { blockOutputLoss } from './block-output.js';
import { crossEntropyLoss } from './cross-entropy.js';
import { forwardKlLoss } from './forward-kl.js';

function shape(layers: number, hidden: number): { family: ReturnType<typeof llama>; architecture: Architecture } {
  return {
    family: llama(),
    architecture: {
      family: 'llama',
      layers,
      sizes: { vocab: 11, hidden, ffn: 6, heads: 2, kvHeads: 1, headDim: 4 },
      tiedEmbeddings: true,
      normEpsilon: 1e-5,
      rope: { theta: 10000, scaling: { type: 'default' } },
      contextLength: 16,
      biases: [],
    },
  };
}

const plain: TrainStepOptions = {
  student: shape(3, 8),
  teacher: shape(4, 12),
  losses: [
    { term: forwardKlLoss(), weight: 1 },
    { term: crossEntropyLoss(), weight: 0.5 },
    { term: attentionRelationLoss(), weight: 0.25 },
    { term: blockOutputLoss(), weight: 2 },
  ],
  correction: { losses: [{ term: crossEntropyLoss(), weight: 1 }], optimizer: adamw(), clipNorm: 1 },
  optimizer: adamw(),
  clipNorm: 1,
  batch: 2,
  length: 5,
};

/** All that a program gives and replaces, from drawn inputs and states. */
function evaluated(
  { inputs, states, outputs, next }: Program,
  changed: (name: string, values: number[]) => number[] = (_name, values) => values,
): Readonly<Record<string, Float64Array>> {
  const drawn = (types: Program['inputs'], from: (count: number, name: string) => number[]): Record<string, number[]> =>
    Object.fromEntries(
      Object.entries(types).map(([name, own]) => [name, changed(name, from(elementCount(own.shape), name))] as const),
    );
  const values = (count: number, name: string): number[] => {
    const stream = random(5).fork(name);
    if (name === 'ids' || name === 'targets') return Array.from({ length: count }, () => stream.integer(11));
    if (name === 'weights') return Array.from({ length: count }, (_, index) => (index % 3 === 1 ? 0 : 1));
    return Array.from({ length: count }, () => (name.includes('moment2') ? 1 : 0.3) * Math.abs(stream.normal()));
  };
  const replaced = Object.entries(next).map(([name, node]) => [`next ${name}`, node] as const);
  return evaluateGraph(
    { ...outputs, ...Object.fromEntries(replaced) },
    { inputs: drawn(inputs, values), states: drawn(states, values) },
  );
}

const golden = await readGoldenLosses(fixture('losses/golden.json'));
const container = createRunContainer([minitronPlugin]);
const make: LossStrategies = {
  loss: (name, options) => createStrategy(container, 'loss', name, options),
  balancer: (name, options) => createStrategy(container, 'balancer', name, options),
  mapping: (name, options) => createStrategy(container, 'mapping', name, options),
};

/** Rows of the largest softmax that a graph takes. */
function softmaxRows(options: TrainStepOptions): number {
  const { outputs } = program('step', { outputs: lossOutputs(options) });
  const taken = topological(Object.values(outputs), { bodies: true }).filter(({ op }) => op === 'logSoftmax');
  return Math.max(...taken.map(({ shape }) => shape[0] ?? 0));
}

/** How many values as wide as the vocabulary, 11, are there at a time, where results are computed in that order. */
function wideAtOnce(results: readonly Tensor[]): number {
  const order = topological(results);
  const last = new Map<Tensor, number>();
  for (const [step, node] of order.entries()) for (const read of [node, ...node.inputs]) last.set(read, step);
  let [alive, most] = [0, 0];
  const isWide = ({ op, shape }: Tensor): boolean => op !== 'constant' && shape.length === 2 && shape[1] === 11;
  for (const [step, node] of order.entries()) {
    if (isWide(node)) alive += 1;
    most = Math.max(most, alive);
    alive -= [...new Set([node, ...node.inputs])].filter((read) => isWide(read) && last.get(read) === step).length;
  }
  return most;
}

describe('logits of some rows at a time', () => {
  const cases = golden.cases.map((own) => [caseName(own), own] as const);
  const rows = golden.batch * golden.length;
  const chunked = (own: LossCase, at: number): TrainStepOptions => chunkedCaseOptions(golden, own, make, at);
  const run = (options: TrainStepOptions, weights = golden.weights) =>
    evaluateGraph(lossOutputs(options), { inputs: caseInputs(golden, weights), states: caseStates(golden) });

  test.each(cases)("%s: value and gradients are PyTorch's", (_name, own) => {
    for (const at of [1, 2, golden.length, rows - 1]) {
      const { value, ...gradients } = run(chunked(own, at));
      expect(Math.abs((value?.[0] ?? NaN) / own.value - 1)).toBeLessThan(1e-9);
      for (const [name, actual] of Object.entries(gradients)) {
        const expected = own.gradients[name]?.data ?? actual.map(() => 0);
        const size = Math.max(...Array.from(expected, Math.abs), 1e-30);
        expectClose(
          Array.from(actual, (x) => x / size),
          Array.from(expected, (x) => x / size),
          1e-9,
          name,
        );
      }
      for (const name of Object.keys(own.gradients)) expect(gradients).toHaveProperty([name]);
    }
  });

  test.each(cases)('%s: is 0 with gradients of 0 when every row is masked', (_name, own) => {
    const masked = run(
      chunked(own, 2),
      golden.weights.map(() => 0),
    );
    for (const values of Object.values(masked)) expect(Array.from(values).every((value) => value === 0)).toBe(true);
  });

  test('are never whole, save for a term that has to see all', () => {
    const [, own] = cases.find(([, { losses }]) => losses[0]?.name === 'forward-kl') ?? [];
    if (own === undefined) throw new Error('there is no case of forward-kl');
    const options = chunked(own, 2);
    expect(softmaxRows(options)).toBe(2);
    const across = options.losses.map(({ term, weight }) => ({ term: { ...term, acrossRows: true }, weight }));
    expect(softmaxRows({ ...options, losses: across })).toBe(rows);
  });

  test.each([
    ['last', (own: readonly Tensor[]) => own],
    ['first', (own: readonly Tensor[]) => [...own].reverse()],
  ])('begin when the rows before them are done, where the next states are asked for %s', (_title, ordered) => {
    const atOnce = (batch: number): number => {
      const { outputs, next } = trainProgram({ ...plain, losses: plain.losses.slice(0, 2), batch, logitRows: 3 });
      return wideAtOnce(ordered([...Object.values(outputs), ...Object.values(next)]));
    };
    expect(atOnce(8)).toBe(atOnce(2));
  });

  test('give the same step as all at once, of a student and of a teacher that learns too', () => {
    const [whole, cut] = [evaluated(trainProgram(plain)), evaluated(trainProgram({ ...plain, logitRows: 3 }))];
    expect(Object.keys(cut)).toEqual(Object.keys(whole));
    for (const [name, values] of Object.entries(whole)) expectClose(cut[name] ?? [], values, 1e-9, name);
  });

  test('have gradients that are differences of the loss', () => {
    const { losses: _, correction: __, ...rest } = plain;
    const options = { ...rest, losses: plain.losses.slice(0, 2), logitRows: 3 };
    const { totals } = lossGraph(options);
    if (totals.student === undefined) throw new Error('there is nothing to minimise');
    const leaf = state('student/model.embed_tokens.weight', [11, 8], 'float32');
    const [slope] = gradient(totals.student, [leaf]);
    if (slope === undefined) throw new Error('there is no gradient');
    const parts = program('slope', { outputs: { loss: totals.student, slope } });
    const at = (moved: number, by: number): Readonly<Record<string, Float64Array>> =>
      evaluated(parts, (name, values) =>
        name === 'student/model.embed_tokens.weight' ? values.map((x, i) => (i === moved ? x + by : x)) : values,
      );
    const h = 1e-5;
    for (const place of [0, 17, 40, 87]) {
      const difference = ((at(place, h)['loss']?.[0] ?? NaN) - (at(place, -h)['loss']?.[0] ?? NaN)) / (2 * h);
      expect(Math.abs((at(place, 0)['slope']?.[place] ?? NaN) - difference)).toBeLessThan(1e-8);
    }
  });
});

test.each<[string, Partial<TrainStepOptions>]>([
  ['as it is', {}],
  ['with recomputation and some rows at a time', { recompute: true, logitRows: 3 }],
])('a step %s can replace all state where it lies, as clipping waits for all gradients', (_title, saving) => {
  const { correction: _, ...own } = plain;
  const step = trainProgram({ ...own, ...saving });
  expect([...statesInPlace(step, () => false)].sort()).toEqual(Object.keys(step.next).sort());
  // Without it, a layer's weights may be replaced before the layers below have read them.
  const free = trainProgram({ ...own, ...saving, clipNorm: 0 });
  const outputs = { loss: present(free.outputs['loss'], 'the loss') };
  const safe = statesInPlace({ ...free, outputs }, () => false);
  expect(Object.keys(free.next).filter((name) => !safe.has(name))).toContain(
    'student/model.layers.1.mlp.down_proj.weight',
  );
});

describe('recomputation', () => {
  test('gives the same step to the last bit, of a student and of a teacher that learns too', () => {
    expect(evaluated(trainProgram({ ...plain, recompute: true }))).toEqual(evaluated(trainProgram(plain)));
  });
});

describe('a memory to keep to', () => {
  const wide = (batch: number, length: number): TrainStepOptions => {
    const { architecture, family } = shape(6, 32);
    const student = { family, architecture: { ...architecture, sizes: { ...architecture.sizes, vocab: 20_000 } } };
    return {
      student,
      losses: [{ term: crossEntropyLoss(), weight: 1 }],
      optimizer: adamw(),
      clipNorm: 1,
      batch,
      length,
    };
  };
  const own = wide(8, 128);
  const { total: all } = stepBytes(own);
  const { total: lean } = stepBytes({ ...own, recompute: true, logitRows: 52 });

  test('that is large enough changes nothing', () => {
    expect(fitMemory(own, all)).toEqual({ options: own, bytes: stepBytes(own) });
  });

  test('is kept to by few logits at a time first, which cost little, and then by computing layers twice', () => {
    const { options, bytes } = fitMemory(own, all - 1);
    expect(options.logitRows).toBeLessThan(8 * 128);
    expect(options.recompute).toBeUndefined();
    expect(bytes.total).toBeLessThan(all);
    const least = fitMemory(own, lean);
    expect(least.options).toMatchObject({ recompute: true, logitRows: 52 });
    expect(stepBytes(least.options)).toEqual(least.bytes);
  });

  test('leaves what is set as it is', () => {
    expect(() => fitMemory({ ...own, recompute: false }, lean)).toThrow(InputError);
    expect(fitMemory({ ...own, recompute: true }, all).options.recompute).toBe(true);
  });

  test('that cannot be kept to is refused with a batch that can, before anything is allocated', () => {
    const refusal = (): unknown => fitMemory(own, lean - 1);
    expect(refusal).toThrow(InputError);
    const [, batch = '', length = ''] = /Take batch (\d+) and length (\d+)/.exec(String(thrown(refusal))) ?? [];
    expect(fitMemory(wide(Number(batch), Number(length)), lean - 1).bytes.total).toBeLessThan(lean);
  });

  test('counts accumulated gradients as state, and what a teacher takes', () => {
    const parameters = 4 * modelParameters(own.student).parameters;
    const [once, twice] = [1, 2].map((accumulate) => stepBytes({ ...own, batch: 1, length: 1 }, accumulate));
    expect((twice?.state ?? NaN) - (once?.state ?? NaN)).toBe(parameters + 12); // sums, added to where they lie; a count of rows, and its next in either program
    const taught = stepBytes({ ...own, teacher: own.student, losses: [{ term: forwardKlLoss(), weight: 1 }] });
    expect(taught.teacher).toBe(parameters);
    expect(taught.total - all).toBeGreaterThan(parameters);
  });
});

function thrown(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}
