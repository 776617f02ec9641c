// A state is replaced where it lies only where no step can read its old value afterwards.
import { describe, expect, test } from 'vitest';
import {
  add,
  barrier,
  constant,
  input,
  matmul,
  multiply,
  reshape,
  scatterAdd,
  slice,
  state,
  subtract,
  sum,
  transpose,
} from './build.js';
import { rmsNorm } from './composites/index.js';
import { statesInPlace } from './in-place.js';
import { program, type ProgramParts } from './program.js';
import type { Tensor } from './tensor.js';
import { topological } from './walk.js';

const w = state('w', [2, 2], 'float32');
const m = state('m', [2, 2], 'float32');
const x = input('x', [2, 2], 'float32');
const places = input('places', [2], 'int32');

const found = (parts: ProgramParts, order?: (nodes: readonly Tensor[]) => readonly Tensor[]): string[] => {
  const own = program('p', parts);
  const nodes = topological([...Object.values(own.outputs), ...Object.values(own.next)]);
  return [...statesInPlace(own, () => true, order?.(nodes))];
};

describe('in any order', () => {
  test('an update of each element from itself and others is written in place', () => {
    const moved = add(multiply(m, 0.9), x);
    expect(found({ next: { m: moved, w: subtract(w, moved) } })).toEqual(['m', 'w']);
  });

  test('readers that the new value needs come before it', () => {
    const gradient = matmul(matmul(x, w), x);
    expect(found({ next: { w: subtract(w, gradient) } })).toEqual(['w']);
  });

  test.each<[string, ProgramParts]>([
    ['an output reads the old value', { outputs: { y: matmul(x, w) }, next: { w: subtract(w, x) } }],
    ['another state reads it', { next: { w: subtract(w, x), m: add(m, multiply(w, 2)) } }],
    ['it is an output itself', { outputs: { w }, next: { w: subtract(w, x) } }],
    ['a view of it is an output', { outputs: { w: reshape(w, [4]) }, next: { w: subtract(w, x) } }],
    ['a reader of a view comes at any time', { outputs: { y: sum(reshape(w, [4])) }, next: { w: subtract(w, x) } }],
    ['a reader of part of it comes at any time', { outputs: { y: sum(slice(w, 0, 0, 1)) }, next: { w: add(w, x) } }],
    ['the step reads other places than it writes', { next: { w: matmul(w, x) } }],
    ['the step reads them through a view', { next: { w: add(reshape(barrier(reshape(w, [4])), [2, 2]), x) } }],
    ['the step may become one with a product', { next: { w: add(w, matmul(x, x)) } }],
    ['the step may become one with a product that reads it', { next: { w: add(x, matmul(w, x)) } }],
    ['it may do so times a number', { next: { w: multiply(matmul(w, x), 0.5) } }],
    ['the step may become one with a scatter that reads it', { next: { w: add(x, scatterAdd(places, w, 2)) } }],
    ['the step moves elements', { next: { w: transpose(w, [1, 0]) } }],
    ['one value is the next of both', { next: { w: add(w, m), m: add(w, m) } }],
    ['the next value is another state', { next: { w: m, m: add(m, x) } }],
  ])('not where %s', (_title, parts) => {
    expect(found(parts)).not.toContain('w');
  });

  test('two states that become each other are written in neither place', () => {
    expect(found({ next: { w: m, m: w } })).toEqual([]);
  });
});

test('a composite that runs as one step reads all its operands then; one that does not, where its body does', () => {
  const normed = rmsNorm(x, reshape(slice(w, 0, 0, 1), [2]), { epsilon: 1e-5 });
  const own = program('p', { outputs: { y: sum(normed) }, next: { w: subtract(w, x) } });
  expect([...statesInPlace(own, () => true)]).toEqual([]);
  expect([...statesInPlace(own, () => false)]).toEqual([]);
  const both = program('p', {
    next: { w: subtract(w, sum(rmsNorm(w, constant(1, [2], 'float32'), { epsilon: 1e-5 }))) },
  });
  expect([...statesInPlace(both, () => true)]).toEqual(['w']);
  expect([...statesInPlace(both, () => false)]).toEqual(['w']);
  const whole = program('p', { next: { w: rmsNorm(w, constant([1, 2], [2], 'float32'), { epsilon: 1e-5 }) } });
  expect([...statesInPlace(whole, () => true)]).toEqual([]);
});

describe('in a known order', () => {
  const parts = { outputs: { y: matmul(x, w) }, next: { w: subtract(w, x) } };

  test('readers that come first do no harm', () => {
    expect(found(parts, (nodes) => nodes)).toEqual(['w']);
  });

  test('one that comes last does', () => {
    const late = (nodes: readonly Tensor[]): readonly Tensor[] => [
      ...nodes.filter(({ op }) => op !== 'matmul'),
      ...nodes.filter(({ op }) => op === 'matmul'),
    ];
    expect(found(parts, late)).toEqual([]);
  });

  test('a step that the order does not tell is not trusted', () => {
    expect(found(parts, (nodes) => nodes.filter(({ op }) => op !== 'matmul'))).toEqual([]);
  });
});
