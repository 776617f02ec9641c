// Random programs are legal, repeatable, of the promised size, and between them use most ops.
import { expect, test } from 'vitest';
import { evaluate as evaluateGraph, printGraph, topological, verify, type Tensor } from '@espalier/core/graph';
import { drawLeaves, leafValues } from './graph-case.js';
import { randomProgram } from './random-program.js';

const seeds = Array.from({ length: 200 }, (_, seed) => seed);

function results(seed: number): readonly Tensor[] {
  return Object.values(randomProgram(seed).build().outputs);
}

test('the same seed gives the same graph and values, another seed others', () => {
  const printed = (seed: number): string => printGraph(randomProgram(seed).build().outputs);
  expect(printed(3)).toBe(printed(3));
  expect(new Set(seeds.map(printed)).size).toBe(seeds.length);
  expect(drawLeaves(randomProgram(3))).toEqual(drawLeaves(randomProgram(3)));
});

test('they have 10 to 40 nodes, and results', () => {
  const sizes = seeds.map((seed) => topological(results(seed)).length);
  expect(Math.min(...sizes)).toBeGreaterThanOrEqual(10);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(40);
  expect(seeds.every((seed) => results(seed).length > 0)).toBe(true);
});

test('they are legal, and their values are finite and of modest size', () => {
  for (const seed of seeds) {
    const program = randomProgram(seed);
    const { outputs } = program.build();
    expect(() => verify(Object.values(outputs))).not.toThrow();
    const found = Object.values(evaluateGraph(outputs, leafValues(drawLeaves(program))));
    expect(found.every((values) => values.every((value) => Math.abs(value) <= 1e6))).toBe(true);
  }
});

test('they use most ops, and shapes with no and with one element', () => {
  const nodes = seeds.flatMap((seed) => topological(results(seed)));
  expect([...new Set(nodes.map(({ op }) => op))].sort()).toMatchInlineSnapshot(`
    [
      "abs",
      "add",
      "and",
      "argMax",
      "broadcast",
      "cast",
      "composite",
      "concat",
      "constant",
      "cos",
      "cumulativeSum",
      "divide",
      "equal",
      "exp",
      "gather",
      "input",
      "less",
      "lessEqual",
      "log",
      "logSoftmax",
      "matmul",
      "max",
      "maximum",
      "minimum",
      "multiply",
      "negate",
      "not",
      "or",
      "pad",
      "power",
      "relu",
      "reshape",
      "rsqrt",
      "sigmoid",
      "sign",
      "sin",
      "slice",
      "softmax",
      "sqrt",
      "subtract",
      "sum",
      "takeAlongAxis",
      "tanh",
      "topK",
      "transpose",
      "where",
    ]
  `);
  expect(nodes.some(({ shape }) => shape.includes(0))).toBe(true);
  expect(nodes.some(({ shape }) => shape.includes(1))).toBe(true);
});

test('smooth ones have no op with a kink or a jump', () => {
  const programs = seeds.flatMap((seed) => Object.values(randomProgram(seed, { smooth: true }).build().outputs));
  const onFloats = topological(programs).filter(({ inputs }) => inputs[0]?.dtype === 'float32');
  const used = new Set(onFloats.map(({ op }) => op));
  for (const op of ['relu', 'abs', 'max', 'maximum', 'sign', 'less', 'argMax'] as const) expect(used).not.toContain(op);
});
