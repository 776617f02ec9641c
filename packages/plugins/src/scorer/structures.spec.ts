import { InternalError } from '@espalier/core';
import { expect, test } from 'vitest';
import { added } from './structures.js';

test('scores of two weights add up unit by unit, and those of another number of units do not', () => {
  expect(added(undefined, [1, 2])).toEqual([1, 2]);
  expect(added([1, 2], [10, 20])).toEqual([11, 22]);
  expect(() => added([1], [10, 20])).toThrow(InternalError);
});
