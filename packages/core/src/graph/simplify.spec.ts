// Simplification makes the rewrites it promises, and no others. That it never changes a value: simplify-agreement.spec.ts.
import { describe, expect, test } from 'vitest';
import {
  add, applyComposite, cast, concat, constant, divide, equal, input, iota, matmul, multiply, negate, pad,
  reshape, slice, softmax, state, stopGradient, subtract, sum, transpose, where,
} from './build.js'; // prettier-ignore
import { attention, crossEntropy, rmsNorm } from './composites/index.js';
import { printGraph } from './print.js';
import { simplify } from './simplify.js';
import { isFloatTensor, isOp, type CompositeDefinition, type Tensor } from './tensor.js';
import { verify } from './verify.js';
import { inlineComposites, topological } from './walk.js';

/** The simplified results of a record. */
function simple<Name extends string>(results: Readonly<Record<Name, Tensor>>): Record<Name, Tensor> {
  const map = simplify(Object.values(results));
  const mapped = Object.entries<Tensor>(results).map(([name, node]) => [name, map.get(node) ?? node]);
  return Object.fromEntries(mapped) as Record<Name, Tensor>;
}

/** What one result prints as once simplified. */
const printed = (y: Tensor): string => printGraph(simple({ y }));

const x = input('x', [2, 3], 'float32');
const given = '%0 = input(name="x") : float32[2, 3]\ny: %0';

describe('what changes nothing is dropped', () => {
  const rows: readonly (readonly [string, Tensor])[] = [
    ['plus 0', add(x, 0)],
    ['0 plus', add(constant(0, [], 'float32'), x)],
    ['plus a row of zeros', add(x, constant([0, 0, 0], [3], 'float32'))],
    ['minus 0', subtract(x, 0)],
    ['times 1', multiply(x, 1)],
    ['1 times', multiply(constant(1, [1, 1], 'float32'), x)],
    ['over 1', divide(x, 1)],
    ['two minus signs', negate(negate(x))],
    ['reshapes there and back', reshape(reshape(x, [6]), [2, 3])],
    ['transposes there and back', transpose(transpose(x, [1, 0]), [1, 0])],
    ['an identity transpose', transpose(x, [0, 1])],
    ['a full slice', slice(x, 1, 0, 3)],
    ['no padding', pad(x, [0, 0], [0, 0])],
    ['one part', concat([x], 0)],
    ['a sum over nothing', sum(x, [])],
    ['a sum over axes of size 1', reshape(sum(reshape(x, [2, 3, 1]), [2]), [2, 3])],
    ['scales that cancel', multiply(multiply(x, 4), 0.25)],
    ['a branch that is always taken', where(constant(1, [1], 'bool'), x, 7)],
    ['several of them', multiply(add(reshape(negate(negate(x)), [2, 3]), 0), 1)],
  ];
  test.each(rows)('%s', (_title, y) => {
    expect(printed(y)).toBe(given);
  });
});

describe('products of no terms are zeros, whatever a runtime makes of them', () => {
  const nothing = (...shape: number[]): Tensor<'float32'> => input('nothing', shape, 'float32');
  const rows: readonly (readonly [string, Tensor, string])[] = [
    ['over an inner axis of size 0', matmul(nothing(2, 0), nothing(0, 3)), 'float32[2, 3]'],
    ['in a batch, transposed', matmul(nothing(4, 0, 2), nothing(0, 3), { transposeA: true }), 'float32[4, 2, 3]'],
    ['inside of something', multiply(add(matmul(nothing(2, 0), nothing(0, 3)), 0), 5), 'float32[2, 3]'],
  ];
  test.each(rows)('%s', (_title, y, type) => {
    expect(printed(y)).toBe(`%0 = constant([0]) : ${type}\ny: %0`);
  });
});

describe('what only looks as if it changed nothing stays', () => {
  const scalar = input('s', [], 'float32');
  const rows: readonly (readonly [string, Tensor])[] = [
    ['zeros that broadcast', add(scalar, constant(0, [2], 'float32'))],
    ['zeros in front that broadcast', add(constant(0, [2], 'float32'), scalar)],
    ['zeros taken away that broadcast', subtract(scalar, constant(0, [2], 'float32'))],
    ['ones below that broadcast', divide(scalar, constant(1, [2], 'float32'))],
    ['ones that broadcast', multiply(constant(1, [2, 2], 'float32'), scalar)],
    ['a condition that broadcasts', where(constant(1, [2], 'bool'), scalar, 7)],
    ['0 minus', subtract(constant(0, [], 'float32'), x)],
    ['1 over', divide(constant(1, [], 'float32'), x)],
    ['times 0, which keeps NaN', multiply(x, 0)],
    ['minus itself, which keeps NaN', subtract(x, x)],
    ['equal to itself, which NaN is not', equal(x, x)],
    ['over itself', divide(x, x)],
    ['stopGradient', stopGradient(x)],
    ['a sum over an axis of size 0', sum(input('e', [2, 0], 'float32'), [1])],
    ['a condition that varies', where(constant([1, 0, 1], [3], 'bool'), x, 7)],
  ];
  test.each(rows)('%s', (_title, y) => {
    expect(printed(y)).toBe(printGraph({ y }));
  });
});

describe('equal nodes are merged', () => {
  test('by op, operands, attributes and type', () => {
    const other = input('x', [2, 3], 'float32');
    expect(printed(add(softmax(x, 0), softmax(other, 0)))).toMatchInlineSnapshot(`
      "%0 = input(name="x") : float32[2, 3]
      %1 = softmax(%0; axis=0) : float32[2, 3]
      %2 = add(%1, %1) : float32[2, 3]
      y: %2"
    `);
    const different = add(softmax(x, 0), softmax(x, 1));
    expect(printed(different)).toBe(printGraph({ y: different }));
  });

  test('but not an input with a state of its name', () => {
    const y = add(x, state('x', [2, 3], 'float32'));
    expect(printed(y)).toBe(printGraph({ y }));
  });

  test('and constants by all their values', () => {
    const long = (last: number): Tensor<'float32'> =>
      constant(
        Array.from({ length: 20 }, (_, i) => (i === 19 ? last : i)),
        [20],
        'float32',
      );
    const wide = input('wide', [20], 'float32');
    const nodes = (a: number, b: number): number =>
      topological([simple({ y: add(multiply(wide, long(a)), add(wide, long(b))) }).y]).length;
    expect(nodes(1, 2) - nodes(1, 1)).toBe(1);
  });

  test('and composites by what they do', () => {
    const called = (body: (own: Tensor<'float32' | 'float16'>) => Tensor): Tensor<'float32'> => {
      const definition: CompositeDefinition<undefined> = {
        name: 'mystery',
        body: ([own = x]) => (isFloatTensor(own) ? body(own) : own),
      };
      return applyComposite(definition, [x], undefined);
    };
    const same = simple({
      y: add(
        called((own) => add(own, own)),
        called((own) => add(own, own)),
      ),
    }).y;
    expect(same.inputs[0]).toBe(same.inputs[1]);
    const different = simple({
      y: add(
        called((own) => add(own, own)),
        called((own) => multiply(own, own)),
      ),
    }).y;
    expect(different.inputs[0]).not.toBe(different.inputs[1]);
  });
});

test('transposes in a row become one', () => {
  const cube = input('cube', [2, 3, 4], 'float32');
  expect(printed(transpose(transpose(cube, [1, 0, 2]), [0, 2, 1]))).toMatchInlineSnapshot(`
    "%0 = input(name="cube") : float32[2, 3, 4]
    %1 = transpose(%0; permutation=[1,2,0]) : float32[3, 4, 2]
    y: %1"
  `);
  const turn = (own: Tensor<'float32'>): Tensor<'float32'> => transpose(own, [1, 2, 0]);
  expect(simple({ y: turn(turn(turn(cube))) }).y).toEqual(cube);
});

test('transposes of axes of size 1 move nothing: they become reshapes, and merge with those', () => {
  const heads = reshape(x, [1, 1, 2, 3]);
  expect(printed(transpose(heads, [0, 2, 1, 3]))).toMatchInlineSnapshot(`
    "%0 = input(name="x") : float32[2, 3]
    %1 = reshape(%0) : float32[1, 2, 1, 3]
    y: %1"
  `);
  const row = input('row', [1, 3], 'float32');
  expect(printed(matmul(x, transpose(row, [1, 0])))).toContain('matmul(%0, %1; transposeB=true)'); // which costs nothing at all
});

describe('transposes go into products', () => {
  const w = input('w', [4, 3], 'float32');

  test('on either side, and undo flags that are there', () => {
    expect(printed(matmul(x, transpose(w, [1, 0])))).toMatchInlineSnapshot(`
      "%0 = input(name="x") : float32[2, 3]
      %1 = input(name="w") : float32[4, 3]
      %2 = matmul(%0, %1; transposeB=true) : float32[2, 4]
      y: %2"
    `);
    expect(printed(matmul(x, transpose(input('v', [3, 4], 'float32'), [1, 0]), { transposeB: true }))).toContain(
      'matmul(%0, %1) :',
    );
    expect(printed(matmul(transpose(x, [1, 0]), transpose(w, [1, 0]), { transposeA: true }))).toMatchInlineSnapshot(`
      "%0 = input(name="x") : float32[2, 3]
      %1 = input(name="w") : float32[4, 3]
      %2 = matmul(%0, %1; transposeB=true) : float32[2, 4]
      y: %2"
    `);
  });

  test('of batches too, unless they move a batch axis', () => {
    const [a, b] = [input('a', [5, 2, 3], 'float32'), input('b', [5, 2, 3], 'float32')];
    expect(topological([simple({ y: matmul(a, transpose(b, [0, 2, 1])) }).y]).map(({ op }) => op)).toEqual([
      'input',
      'input',
      'matmul',
    ]);
    const moved = matmul(a, transpose(input('c', [3, 5, 4], 'float32'), [1, 0, 2]));
    expect(printed(moved)).toBe(printGraph({ y: moved }));
  });
});

describe('composites', () => {
  test('keep reading their own inputs only, however those were made', () => {
    const targets = reshape(input('targets', [2, 2], 'int32'), [4]);
    const logits = negate(input('logits', [4, 5], 'float32'));
    const loss = crossEntropy(logits, targets, multiply(input('weights', [4], 'float32'), 0.5));
    const heads = transpose(input('h', [1, 3, 2, 4], 'float32'), [0, 2, 1, 3]);
    const turned = transpose(input('k', [1, 2, 4, 3], 'float32'), [0, 1, 3, 2]); // looks as if it could go into q·kᵀ
    const seen = attention(multiply(heads, 2), turned, heads, { scale: 0.5 });
    const results = simple({ loss, seen });
    expect(() => verify(Object.values(results))).not.toThrow();
    expect(isOp(results.seen, 'composite') && isOp(results.loss, 'composite')).toBe(true);
  });

  test('are simplified inside', () => {
    const y = simple({ y: rmsNorm(x, constant(1, [3], 'float32'), { epsilon: 0 }) }).y;
    const body = topological([y], { bodies: true }).map(({ op }) => op);
    expect(body.filter((op) => op === 'add')).toEqual([]);
  });

  test('once inlined are simplified across', () => {
    const twice: CompositeDefinition<undefined> = {
      name: 'twice',
      body: ([own = x]) => (isFloatTensor(own) ? transpose(own, [1, 0]) : own),
    };
    const y = applyComposite(twice, [transpose(x, [1, 0])], undefined);
    const kept = simple({ y }).y;
    expect(topological([kept]).map(({ op }) => op)).toEqual(['input', 'transpose', 'composite']);
    expect(printed(inlineComposites([kept]).get(kept) ?? kept)).toBe(given);
  });
});

test('dead nodes vanish, results that became equal share a node, and a second pass changes nothing', () => {
  const results = {
    a: add(multiply(x, 1), 0),
    b: reshape(reshape(x, [6]), [2, 3]),
    c: add(cast(iota([3], 0), 'float32'), x),
  };
  const once = simple(results);
  expect(once.a).toBe(once.b);
  expect(printGraph(once)).toMatchInlineSnapshot(`
    "%0 = input(name="x") : float32[2, 3]
    %1 = iota(axis=0) : int32[3]
    %2 = cast(%1) : float32[3]
    %3 = add(%2, %0) : float32[2, 3]
    a: %0
    b: %0
    c: %3"
  `);
  expect(printGraph(simple(once))).toBe(printGraph(once));
});
