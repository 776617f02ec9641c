// The reverse walk: what may be differentiated, accumulation, un-broadcasting, composites, and size.
import { describe, expect, test } from 'vitest';
import {
  add,
  applyComposite,
  argMax,
  broadcast,
  cast,
  constant,
  exp,
  input,
  less,
  log,
  multiply,
  reshape,
  softmax,
  state,
  stopGradient,
  sum,
  tanh,
  where,
} from '../graph/build.js';
import { crossEntropy, forwardKl, reverseKl, silu } from '../graph/composites/index.js';
import { evaluate } from '../graph/evaluate.js';
import { printGraph } from '../graph/print.js';
import { GraphError } from '../graph/shape-rules.js';
import { simplify } from '../graph/simplify.js';
import { describeType, isFloatTensor, type CompositeDefinition, type Tensor } from '../graph/tensor.js';
import { verify } from '../graph/verify.js';
import { topological } from '../graph/walk.js';
import { gradient } from './gradient.js';

const x = input('x', [2], 'float32');

function slopes(loss: Tensor, wrt: Tensor, inputs: Readonly<Record<string, readonly number[]>>): number[] {
  const [result = wrt] = gradient(loss, [wrt]);
  return Array.from(evaluate({ result }, { inputs }).result);
}

describe('refusals name the node', () => {
  const n = input('n', [2], 'int32');
  const rows: readonly (readonly [string, () => unknown, string])[] = [
    [
      'a loss of several numbers',
      () => gradient(add(x, 1), [x]),
      'gradient of add(float32[2], float32[]) : float32[2]: the loss must be one float number',
    ],
    ['a loss of none', () => gradient(input('e', [0], 'float32'), [x]), 'the loss must be one float number'],
    ['an integer loss', () => gradient(argMax(x, 0), [x]), 'gradient of argMax(float32[2]; axis=0) : int32[1]'],
    [
      'an integer to differentiate in',
      () => gradient(sum(x), [n]),
      'gradient with respect to input(name="n") : int32[2]: int32 carries no gradient',
    ],
    [
      'a boolean to differentiate in',
      () => gradient(sum(x), [x, less(x, 0)]),
      'less(float32[2], float32[]) : bool[2]: bool carries no gradient',
    ],
  ];
  test.each(rows)('%s', (_title, call, message) => {
    expect(call).toThrow(GraphError);
    expect(call).toThrow(message);
  });
});

test('what the loss does not depend on gets zeros of its own type', () => {
  const [dy, dz] = gradient(sum(x), [input('y', [3], 'float32'), cast(x, 'float16')]);
  expect(dy === undefined ? '' : printGraph({ dy })).toMatchInlineSnapshot(`
    "%0 = constant([0]) : float32[3]
    dy: %0"
  `);
  expect(dz === undefined ? '' : describeType(dz)).toBe('float16[2]');
});

test('the loss itself, states and inner nodes may be asked about, also twice', () => {
  const s = state('s', [2], 'float32');
  const inner = multiply(x, s);
  const loss = sum(multiply(inner, 3));
  const [dLoss = x, dS = x, dInner = x, again = x] = gradient(loss, [loss, s, inner, inner]);
  const found = evaluate({ dLoss, dS, dInner, again }, { inputs: { x: [1, 2] }, states: { s: [5, 6] } });
  expect(Object.values(found).map((own) => Array.from(own))).toEqual([[1], [3, 6], [3, 3], [3, 3]]);
});

test('leaves of one kind and name are one variable, however often they were made', () => {
  const made = (): Tensor<'float32'> => state('w', [2], 'float32');
  const loss = sum(add(multiply(made(), 2), multiply(made(), input('w', [2], 'float32'))));
  const [first = x, second = x, fed = x] = gradient(loss, [made(), made(), input('w', [2], 'float32')]);
  const found = evaluate({ first, second, fed }, { inputs: { w: [10, 20] }, states: { w: [5, 6] } });
  expect(Object.values(found).map((own) => Array.from(own))).toEqual([
    [12, 22],
    [12, 22],
    [5, 6],
  ]);
});

test('a loss may have several axes of size 1', () => {
  expect(slopes(broadcast(sum(x), [1, 1, 1]), x, { x: [1, 2] })).toEqual([1, 1]);
});

test('uses of a node add up', () => {
  expect(slopes(sum(add(multiply(x, x), add(x, multiply(x, 3)))), x, { x: [1, 2] })).toEqual([6, 8]);
});

test('broadcast operands get the sum over what they were spread to', () => {
  const row = input('row', [1, 2], 'float32');
  const deep = broadcast(reshape(row, [2]), [3, 4, 2]);
  expect(slopes(sum(multiply(add(deep, row), constant([1, 10], [2], 'float32'))), row, { row: [0, 0] })).toEqual([
    24, 240,
  ]);
  const empty = sum(add(row, input('e', [0, 2], 'float32')));
  expect(slopes(empty, row, { row: [1, 2], e: [] })).toEqual([0, 0]);
});

test('stopGradient stops one way and leaves the others', () => {
  expect(slopes(sum(multiply(x, stopGradient(x))), x, { x: [3, 4] })).toEqual([3, 4]);
  expect(slopes(sum(multiply(stopGradient(exp(x)), 2)), x, { x: [3, 4] })).toEqual([0, 0]);
});

test('a branch not taken does not spoil the gradient, as long as its slope is finite', () => {
  const isPositive = less(constant(0, [], 'float32'), x);
  const guarded = where(isPositive, log(where(isPositive, x, 1)), 0);
  expect(slopes(sum(guarded), x, { x: [-1, 2] })).toEqual([0, 0.5]);
});

test('cotangents keep the dtype of their node', () => {
  const half = cast(x, 'float16');
  const [dHalf = x, dx = x] = gradient(sum(cast(multiply(half, half), 'float32')), [half, x]);
  expect([dHalf, dx].map(describeType)).toEqual(['float16[2]', 'float32[2]']);
  expect(() => verify([dHalf, dx])).not.toThrow();
});

describe('composites', () => {
  const triple: CompositeDefinition<undefined> = {
    name: 'triple',
    body: ([own = x]) => (isFloatTensor(own) ? multiply(own, 3) : own),
  };

  test('without a rule are differentiated through their bodies', () => {
    expect(slopes(sum(applyComposite(triple, [x], undefined)), x, { x: [1, 2] })).toEqual([3, 3]);
  });

  test('with a rule are differentiated by it alone', () => {
    const told: CompositeDefinition<undefined> = {
      ...triple,
      gradient: ({ cotangent }) => [multiply(cotangent as Tensor<'float32'>, 7)],
    };
    expect(slopes(sum(applyComposite(told, [x], undefined)), x, { x: [1, 2] })).toEqual([7, 7]);
  });

  test('pass nothing to what is constant by definition: targets, teachers, row weights', () => {
    const logits = input('logits', [2, 3], 'float32');
    const teacher = input('teacher', [2, 3], 'float32');
    const weights = input('weights', [2], 'float32');
    const divergences = add(forwardKl(logits, teacher, weights), reverseKl(logits, teacher, weights));
    const loss = add(crossEntropy(logits, constant([0, 2], [2], 'int32'), weights), divergences);
    const [dTeacher = x, dWeights = x] = gradient(loss, [teacher, weights]);
    expect(printGraph({ dTeacher, dWeights })).toMatchInlineSnapshot(`
      "%0 = constant([0]) : float32[2, 3]
      %1 = constant([0]) : float32[2]
      dTeacher: %0
      dWeights: %1"
    `);
  });

  test('keep their names in the gradient, so that a backend may still run them as one', () => {
    const [dx = x] = gradient(sum(multiply(silu(x), softmax(silu(x)))), [x]);
    expect(topological([dx]).some(({ op }) => op === 'composite')).toBe(true);
  });
});

test('the gradient of a printed graph reads as calculus', () => {
  const [dx = x] = gradient(sum(multiply(tanh(x), 2)), [x]);
  expect(printGraph({ dx: simplify([dx]).get(dx) ?? dx })).toMatchInlineSnapshot(`
    "%0 = constant([2]) : float32[2]
    %1 = input(name="x") : float32[2]
    %2 = tanh(%1) : float32[2]
    %3 = multiply(%2, %2) : float32[2]
    %4 = negate(%3) : float32[2]
    %5 = constant([1]) : float32[]
    %6 = add(%4, %5) : float32[2]
    %7 = multiply(%0, %6) : float32[2]
    dx: %7"
  `);
});

describe('size', () => {
  /** Three nodes a step. */
  function chain(steps: number): Tensor<'float32'> {
    let y: Tensor<'float32'> = x;
    for (let i = 0; i < steps; i++) y = tanh(multiply(y, 1 + 1 / (i + 1)));
    return y;
  }

  test('a chain of 50 000 nodes overflows no stack', () => {
    const [slope = x] = gradient(sum(chain(17_000)), [x]);
    expect(topological([slope]).length).toBeGreaterThan(50_000);
  });

  test('the gradient of twice as many nodes has twice as many', () => {
    const nodes = (steps: number): number => topological(gradient(sum(chain(steps)), [x])).length;
    expect(nodes(400) / nodes(200)).toBeCloseTo(2, 1);
  });

  test('of a value that is used in many ways, each use is differentiated once', () => {
    let y: Tensor<'float32'> = x;
    for (let i = 0; i < 60; i++) y = add(y, y); // 2⁶⁰ paths
    expect(topological(gradient(sum(y), [x])).length).toBeLessThan(400);
  });
});
