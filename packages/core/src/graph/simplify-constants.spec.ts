// Simplification of constants: folding, merging of scales, and that NaN and infinities stay what they are.
import { describe, expect, test } from 'vitest';
import {
  abs, add, broadcast, cast, constant, divide, input, less, matmul, multiply, not, takeAlongAxis,
} from './build.js'; // prettier-ignore
import { silu } from './composites/index.js';
import { evaluate } from './evaluate.js';
import { printGraph } from './print.js';
import { simplify } from './simplify.js';
import type { Tensor } from './tensor.js';
import { topological } from './walk.js';
import { expectClose } from '../close.js';

/** The simplified results of a record. */
function simple<Name extends string>(results: Readonly<Record<Name, Tensor>>): Record<Name, Tensor> {
  const map = simplify(Object.values(results));
  const mapped = Object.entries<Tensor>(results).map(([name, node]) => [name, map.get(node) ?? node]);
  return Object.fromEntries(mapped) as Record<Name, Tensor>;
}

/** What one result prints as once simplified. */
const printed = (y: Tensor): string => printGraph(simple({ y }));

const x = input('x', [2, 3], 'float32');

test('NaN and infinity survive wherever they pass', () => {
  const one = input('v', [3], 'float32');
  const results = {
    scaled: multiply(multiply(one, 0), 5),
    twice: multiply(multiply(one, 1e-30), 1e-30),
    less: less(one, one),
    gone: multiply(one, 0),
    up: multiply(multiply(one, 1e30), 1e30),
  };
  const inputs = { v: [NaN, Infinity, 1] };
  const found = evaluate(simple(results), { inputs });
  for (const [name, values] of Object.entries(evaluate(results, { inputs })))
    expectClose(found[name as keyof typeof found], values, 1e-12, name);
});

describe('constants are folded', () => {
  test('through any op, into one number where they are uniform', () => {
    const table = constant([1, 2, 3, 4], [2, 2], 'float32');
    expect(printed(matmul(table, add(table, 1)))).toMatchInlineSnapshot(`
      "%0 = constant([10, 13, 22, 29]) : float32[2, 2]
      y: %0"
    `);
    expect(printed(not(less(constant(1, [2, 2], 'int32'), 0)))).toMatchInlineSnapshot(`
      "%0 = constant([1]) : bool[2, 2]
      y: %0"
    `);
    expect(printed(cast(constant([0.5, NaN], [2], 'float32'), 'bool'))).toMatchInlineSnapshot(`
      "%0 = constant([1]) : bool[2]
      y: %0"
    `);
    expect(printed(divide(constant([0, 1], [2], 'float32'), 0))).toMatchInlineSnapshot(`
      "%0 = constant([NaN, Infinity]) : float32[2]
      y: %0"
    `);
  });

  test('also inside a graph that is not constant, and in a composite of constants', () => {
    expect(printed(add(x, multiply(constant(2, [], 'float32'), 3)))).toMatchInlineSnapshot(`
      "%0 = input(name="x") : float32[2, 3]
      %1 = constant([6]) : float32[]
      %2 = add(%0, %1) : float32[2, 3]
      y: %2"
    `);
    expect(printed(silu(constant(0, [2], 'float32')))).toMatchInlineSnapshot(`
      "%0 = constant([0]) : float32[2]
      y: %0"
    `);
  });

  test('unless they are large', () => {
    const large = broadcast(constant(1, [], 'float32'), [100, 100]);
    expect(topological([simple({ y: large }).y]).map(({ op }) => op)).toEqual(['constant', 'broadcast']);
  });

  test('and an index that is out of range is found at once', () => {
    const taken = takeAlongAxis(constant([1, 2], [2], 'float32'), constant([2], [1], 'int32'), 0);
    expect(() => simplify([taken])).toThrow('takeAlongAxis: index 2 is outside 0…1');
  });

  test('of nothing', () => {
    expect(printed(abs(constant([], [0], 'float32')))).toMatchInlineSnapshot(`
      "%0 = constant([0]) : float32[0]
      y: %0"
    `);
  });
});

describe('scales are merged', () => {
  test('into one product', () => {
    expect(printed(multiply(multiply(x, 3), 0.5))).toMatchInlineSnapshot(`
      "%0 = input(name="x") : float32[2, 3]
      %1 = constant([1.5]) : float32[]
      %2 = multiply(%0, %1) : float32[2, 3]
      y: %2"
    `);
  });

  test.each([
    ['overflow', 1e30, 2e30],
    ['underflow', 1e-30, 2e-30],
    ['vanish', 0, 5],
    ['are NaN', NaN, 1e-3],
  ])('unless they %s', (_title, a, b) => {
    const y = multiply(multiply(x, a), b);
    expect(printed(y)).toBe(printGraph({ y }));
  });

  test('but not those of integers, which wrap around', () => {
    const y = multiply(multiply(input('n', [2], 'int32'), 3), 5);
    expect(printed(y)).toBe(printGraph({ y }));
  });
});
