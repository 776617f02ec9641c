// Cases of the leaves and of the ops that move elements.
import {
  broadcast,
  concat,
  constant,
  dynamicSlice,
  dynamicUpdateSlice,
  iota,
  multiply,
  pad,
  reshape,
  slice,
  sliceAll,
  transpose,
  type DType,
  type Shape,
  type Tensor,
} from '@espalier/core/graph';
import { booleans, exactly, floats, halves, integers, kept } from '../draws.js';
import { graphCase, type GraphCase } from '../graph-case.js';

/** One operation on a shape, for float, integer and boolean elements. */
function everyType(title: string, shape: Shape, op: <D extends DType>(x: Tensor<D>) => Tensor<D>): GraphCase[] {
  return [
    graphCase(title, { x: floats(shape) }, ({ x }) => op(x)),
    graphCase(`${title}, of integers`, { x: integers(shape) }, ({ x }) => op(x)),
    graphCase(`${title}, of booleans`, { x: booleans(shape) }, ({ x }) => op(x)),
  ];
}

function ofFloats(title: string, shape: Shape, op: (x: Tensor<'float32'>) => Tensor): GraphCase {
  return graphCase(title, { x: floats(shape) }, ({ x }) => op(x));
}

function start(value: number): ReturnType<typeof integers> {
  return integers([], exactly(value));
}

/** One row written along an axis. */
function everyTypeOfRow(shape: Shape, axis: number, from: number): GraphCase[] {
  const row = shape.map((size, index) => (index === (axis + shape.length) % shape.length ? 1 : size));
  const title = `one row of [${shape.join(', ')}] along axis ${axis} at ${from}`;
  return [
    graphCase(title, { x: floats(shape), update: floats(row), start: start(from) }, ({ x, update, start: at }) =>
      dynamicUpdateSlice(x, update, axis, at),
    ),
    graphCase(`${title}, of integers`, { x: integers(shape), update: integers(row), start: start(from) }, (own) =>
      dynamicUpdateSlice(own.x, own.update, axis, own.start),
    ),
    graphCase(`${title}, of booleans`, { x: booleans(shape), update: booleans(row), start: start(from) }, (own) =>
      dynamicUpdateSlice(own.x, own.update, axis, own.start),
    ),
  ];
}

export const leafCases = {
  input: [
    ...everyType('given back', [2, 3], (x) => x),
    ofFloats('a scalar', [], (x) => x),
    ofFloats('nothing', [0, 2], (x) => x),
    graphCase('float16', { x: halves([4]) }, ({ x }) => x, []),
  ],
  state: [
    graphCase('given back', { x: kept(floats([2, 3])) }, ({ x }) => x),
    graphCase('integers', { x: kept(integers([3])) }, ({ x }) => x),
    graphCase('booleans', { x: kept(booleans([3])) }, ({ x }) => x),
    graphCase('float16', { x: kept(halves([3])) }, ({ x }) => x, []),
    graphCase('beside an input of the same name', { x: kept(floats([])) }, ({ x }) => x),
  ],
  constant: [
    graphCase('every element', {}, () => constant([1, -2, 0.5, 4, 5, 6], [2, 3], 'float32')),
    graphCase('one number for all', {}, () => constant(-1.5, [2, 2], 'float32')),
    graphCase('many elements', {}, () =>
      constant(
        Array.from({ length: 40 }, (_, i) => i / 8),
        [5, 8],
        'float32',
      ),
    ),
    graphCase('infinities and NaN', {}, () => constant([Infinity, -Infinity, NaN], [3], 'float32')),
    graphCase('integers', {}, () => constant([2147483647, -2147483648, 0], [3], 'int32')),
    graphCase('booleans', {}, () => constant([1, 0, 1], [3], 'bool')),
    graphCase('float16', {}, () => constant([1, -0.5], [2], 'float16')),
    graphCase('a scalar', {}, () => constant(3, [], 'float32')),
    graphCase('nothing', {}, () => constant([], [0, 2], 'float32')),
  ],
  iota: [
    graphCase('along the first axis', {}, () => iota([3, 2], 0)),
    graphCase('along the last axis', {}, () => iota([2, 1, 3], 2)),
    graphCase('of nothing', {}, () => iota([0, 2], 1)),
  ],
};

export const movementCases = {
  reshape: [
    ...everyType('splits an axis', [2, 6], (x) => reshape(x, [2, 3, 2])),
    ofFloats('infers a size', [2, 3, 4], (x) => reshape(x, [-1, 6])),
    ofFloats('one element to a scalar', [1, 1], (x) => reshape(x, [])),
    ofFloats('a scalar to one element', [], (x) => reshape(x, [1, 1])),
    ofFloats('nothing', [0, 3], (x) => reshape(x, [2, 0, 4])),
    ofFloats('nothing, inferred', [0, 3], (x) => reshape(x, [-1, 6])),
  ],
  transpose: [
    ...everyType('a matrix', [2, 3], (x) => transpose(x, [1, 0])),
    ofFloats('three axes in a circle', [2, 3, 4], (x) => transpose(x, [1, 2, 0])),
    ofFloats('the two in the middle', [2, 3, 2, 2], (x) => transpose(x, [0, 2, 1, 3])),
    ofFloats('nothing to move', [3], (x) => transpose(x, [0])),
    ofFloats('nothing', [0, 3], (x) => transpose(x, [1, 0])),
  ],
  broadcast: [
    ...everyType('new axes and old', [3, 1], (x) => broadcast(x, [2, 3, 4])),
    ofFloats('a scalar', [], (x) => broadcast(x, [2, 2])),
    ofFloats('to nothing', [1, 3], (x) => broadcast(x, [0, 3])),
    ofFloats('of a computed value, five axes', [2, 1, 1, 3, 1], (x) => broadcast(multiply(x, 2), [2, 2, 2, 3, 2])),
  ],
  slice: [
    ...everyType('the middle', [2, 5], (x) => slice(x, 1, 1, 4)),
    ofFloats('by a negative axis', [4, 2], (x) => slice(x, -2, 1, 2)),
    ofFloats('several axes', [4, 3], (x) => sliceAll(x, [1, 0], [3, 2])),
    ofFloats('an empty range', [4], (x) => slice(x, 0, 2, 2)),
    ofFloats('of nothing', [0, 3], (x) => slice(x, 1, 1, 3)),
  ],
  pad: [
    ...everyType('both sides', [2, 2], (x) => pad(x, [1, 0], [0, 2])),
    ofFloats('nothing becomes zeros', [0, 2], (x) => pad(x, [1, 0], [1, 1])),
    ofFloats('a scalar stays', [], (x) => pad(x, [], [])),
  ],
  concat: [
    ...everyType('with itself', [2, 2], (x) => concat([x, x], 0)),
    graphCase(
      'three of different size, negative axis',
      { a: floats([2, 1]), b: floats([2, 3]), c: floats([2, 2]) },
      ({ a, b, c }) => concat([a, b, c], -1),
    ),
    graphCase('the middle axis', { a: floats([2, 1, 3]), b: floats([2, 2, 3]) }, ({ a, b }) => concat([a, b], 1)),
    graphCase('an empty part', { a: floats([2, 0]), b: floats([2, 3]) }, ({ a, b }) => concat([a, b, a], 1)),
    graphCase('empty parts only', { a: floats([0, 2]), b: floats([0, 2]) }, ({ a, b }) => concat([a, b], 0)),
    ofFloats('one part', [2, 3], (x) => concat([x], 0)),
  ],
  dynamicSlice: [0, 2, 7, -3]
    .flatMap((from) => [
      graphCase(`from ${from}`, { x: floats([5, 2]), start: start(from) }, ({ x, start }) =>
        dynamicSlice(x, 0, start, 2),
      ),
      graphCase(
        `of integers from ${from}, negative axis`,
        { x: integers([2, 5]), start: start(from) },
        ({ x, start }) => dynamicSlice(x, -1, start, 3),
      ),
    ])
    .concat([
      ...everyTypeOfRow([5], 0, 1),
      ...everyTypeOfRow([5, 2], 0, 9),
      ...everyTypeOfRow([2, 3, 4, 2], 2, 3),
      ...everyTypeOfRow([2, 3, 4], -1, -2),
      graphCase('the whole axis', { x: floats([3]), start: start(1) }, ({ x, start }) => dynamicSlice(x, 0, start, 3)),
      graphCase('no elements', { x: floats([3, 2]), start: start(1) }, ({ x, start }) => dynamicSlice(x, 0, start, 0)),
      graphCase('of booleans', { x: booleans([5]), start: start(1) }, ({ x, start }) => dynamicSlice(x, 0, start, 2)),
    ]),
  dynamicUpdateSlice: [0, 2, 7, -3]
    .flatMap((from) => [
      graphCase(
        `from ${from}`,
        { x: floats([5, 2]), update: floats([2, 2]), start: start(from) },
        ({ x, update, start }) => dynamicUpdateSlice(x, update, 0, start),
      ),
      graphCase(
        `of integers from ${from}, negative axis`,
        { x: integers([2, 5]), update: integers([2, 3]), start: start(from) },
        ({ x, update, start }) => dynamicUpdateSlice(x, update, -1, start),
      ),
    ])
    .concat([
      graphCase(
        'a middle axis',
        { x: floats([2, 4, 3]), update: floats([2, 1, 3]), start: start(2) },
        ({ x, update, start }) => dynamicUpdateSlice(x, update, 1, start),
      ),
      graphCase('the whole axis', { x: floats([3]), update: floats([3]), start: start(1) }, ({ x, update, start }) =>
        dynamicUpdateSlice(x, update, 0, start),
      ),
      graphCase('no elements', { x: floats([3]), update: floats([0]), start: start(1) }, ({ x, update, start }) =>
        dynamicUpdateSlice(x, update, 0, start),
      ),
      graphCase('of booleans', { x: booleans([4]), update: booleans([2]), start: start(1) }, ({ x, update, start }) =>
        dynamicUpdateSlice(x, update, 0, start),
      ),
    ]),
};
