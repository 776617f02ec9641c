// Every loss term and balancer, value and gradient, in float64 against PyTorch (tools/oracle/losses.py); in float32 on ONNX Runtime
// in @espalier/cli.
import { createRunContainer, createStrategy, InputError, lossGraph, strategies } from '@espalier/core';
import { evaluate as evaluateGraph } from '@espalier/core/graph';
import {
  caseInputs,
  caseName,
  caseOptions,
  caseStates,
  expectClose,
  lossOutputs,
  readGoldenLosses,
  statedShape,
  type LossCase,
  type LossStrategies,
} from '@espalier/testing';
import { describe, expect, test } from 'vitest';
import { minitronPlugin } from '../minitron.js';
import { fixture } from '../testing/tiny-llama.js';
import { blockOutputLoss } from './block-output.js';

const golden = await readGoldenLosses(fixture('losses/golden.json'));
const container = createRunContainer([minitronPlugin]);
const make: LossStrategies = {
  loss: (name, options) => createStrategy(container, 'loss', name, options),
  balancer: (name, options) => createStrategy(container, 'balancer', name, options),
  mapping: (name, options) => createStrategy(container, 'mapping', name, options),
};
const cases = golden.cases.map((own) => [caseName(own), own] as const);
const single = cases.filter(([, own]) => own.losses.length === 1);

function evaluated(own: LossCase, weights = golden.weights) {
  const outputs = lossOutputs(caseOptions(golden, own, make));
  return evaluateGraph(outputs, { inputs: caseInputs(golden, weights), states: caseStates(golden) });
}

describe('losses', () => {
  test.each(cases)('%s: value and gradients are those of PyTorch', (_name, own) => {
    const { value, ...gradients } = evaluated(own);
    expect(Math.abs((value?.[0] ?? NaN) / own.value - 1)).toBeLessThan(1e-9);
    for (const [name, actual] of Object.entries(gradients)) {
      const expected = own.gradients[name]?.data ?? actual.map(() => 0);
      const size = Math.max(...Array.from(expected, Math.abs), 1e-30);
      const relative = (values: ArrayLike<number>): number[] => Array.from(values, (x) => x / size);
      expectClose(relative(actual), relative(expected), 1e-9, name);
    }
    for (const name of Object.keys(own.gradients)) expect(gradients).toHaveProperty([name]);
  });

  test('have a golden case each, balancers and mappings too', () => {
    const known = (kind: 'loss' | 'balancer'): string[] => strategies(container, kind).map(({ name }) => name);
    const used = golden.cases.flatMap(({ losses, balancer }) => [
      ...losses.map(({ name }) => name),
      balancer?.name ?? '',
    ]);
    expect([...known('loss'), ...known('balancer')].filter((name) => !used.includes(name))).toEqual([]);
  });

  test.each(cases)('%s: is 0 with gradients of 0 when every row is masked', (_name, own) => {
    for (const values of Object.values(
      evaluated(
        own,
        golden.weights.map(() => 0),
      ),
    )) {
      expect(Array.from(values).every((value) => value === 0)).toBe(true);
    }
  });

  test.each(single)('%s: takes nothing from masked rows', (_name, own) => {
    const gradients = evaluated(own);
    const masked = golden.weights.flatMap((weight, row) => (weight === 0 ? [row] : []));
    // Keys and values of a prompt are read by the tokens after it; its logits and states are not.
    const rowed = Object.entries(gradients).filter(([name]) =>
      /^(logits|embedding|blockOutput|ffnNorm|attentionAdded)/.test(name),
    );
    for (const [name, values] of rowed) {
      const width = values.length / golden.weights.length;
      for (const row of masked) {
        expect(
          Array.from(values.slice(row * width, (row + 1) * width)).some((x) => x !== 0),
          `${name} ${row}`,
        ).toBe(false);
      }
    }
  });
});

describe('states', () => {
  const options = caseOptions(golden, golden.cases[0] as LossCase, make);
  const same = {
    ...options,
    student: statedShape(golden.student.shape, 8),
    teacher: statedShape(golden.student.shape, 8),
  };

  test('of one width are compared as they are, without a projection', () => {
    const outputs = lossOutputs({ ...same, losses: [{ term: blockOutputLoss(), weight: 1 }] });
    expect(Object.keys(outputs).filter((name) => name.startsWith('projection'))).toEqual([]);
  });

  test('that a term does not list are refused to it', () => {
    const term = { ...blockOutputLoss(), needs: [] };
    expect(() => lossGraph({ ...options, losses: [{ term, weight: 1 }] })).toThrow(
      /looks at blockOutput, which its "needs" does not list/,
    );
  });

  test('that cannot be cut into relation heads are an input error', () => {
    const term = make.loss('attention-relation', { relationHeads: 5 });
    expect(() => lossGraph({ ...options, losses: [{ term, weight: 1 }] })).toThrow(/12 numbers cannot be cut into 5/);
  });
});

describe('combinations', () => {
  const terms = (...names: string[]) => names.map((name) => ({ term: make.loss(name, {}), weight: 1 }));
  test.each([
    ['dynamic-alpha', ['forward-kl'], /no loss on intermediate states/],
    ['dynamic-alpha', ['block-output'], /no loss on the teacher's logits/],
    ['lm-loss', ['forward-kl'], /no loss on the text/],
  ])('%s over %j alone is an input error', (balancer, names, found) => {
    const options = caseOptions(golden, golden.cases[0] as LossCase, make);
    const combined = { ...options, losses: terms(...names), balancer: make.balancer(balancer, {}) };
    expect(() => lossGraph(combined)).toThrow(InputError);
    expect(() => lossGraph(combined)).toThrow(found);
  });
});
