import { expect, test } from 'vitest';
import { InternalError } from '../errors.js';
import { aroundAxis, broadcastStrides, offsets, rowMajorStrides } from './strides.js';

test('offsets count through a shape, read transposed and broadcast', () => {
  expect(rowMajorStrides([2, 3, 4])).toEqual([12, 4, 1]);
  expect([...offsets([2, 3], [3, 1])]).toEqual([0, 1, 2, 3, 4, 5]);
  expect([...offsets([3, 2], [1, 3])]).toEqual([0, 3, 1, 4, 2, 5]);
  expect([...offsets([2, 3], broadcastStrides([3], [2, 3]))]).toEqual([0, 1, 2, 0, 1, 2]);
  expect([...offsets([], [], 7)]).toEqual([7]);
  expect(aroundAxis([2, 3, 4], 1)).toEqual({ outer: 2, size: 3, inner: 4 });
});

test('an axis without a stride or a size is an error, not a stride of 0 or a size of 1', () => {
  expect(() => offsets([2, 3], [3])).toThrow(InternalError);
  expect(() => aroundAxis([2, 3], 2)).toThrow(InternalError);
});
