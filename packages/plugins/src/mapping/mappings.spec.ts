// Which layers are compared, 0-based.
import { InputError } from '@espalier/core';
import { expect, test } from 'vitest';
import { explicitMapping } from './explicit.js';
import { fromLastMapping } from './from-last.js';
import { uniformMapping } from './uniform.js';

test('from-last pairs teacher 29 of 32 with student 13 of 16, as the paper does', () => {
  expect(fromLastMapping().pairs(16, 32)).toEqual([{ student: 13, teacher: 29 }]);
  expect(fromLastMapping({ back: 0 }).pairs(16, 32)).toEqual([{ student: 15, teacher: 31 }]);
});

test('from-last refuses a student without such a layer', () => {
  expect(() => fromLastMapping().pairs(2, 32)).toThrow(InputError);
  expect(() => fromLastMapping().pairs(2, 32)).toThrow(/Give "back" from 0 to 1/);
});

test('uniform is the identity for equal depths and ends with both last layers', () => {
  expect(uniformMapping().pairs(3, 3)).toEqual([0, 1, 2].map((layer) => ({ student: layer, teacher: layer })));
  expect(uniformMapping().pairs(2, 6)).toEqual([
    { student: 0, teacher: 2 },
    { student: 1, teacher: 5 },
  ]);
  expect(
    uniformMapping()
      .pairs(4, 2)
      .map(({ teacher }) => teacher),
  ).toEqual([0, 0, 1, 1]);
});

test('explicit gives the pairs given, and refuses layers that are not there', () => {
  const pairs = [{ student: 1, teacher: 5 }];
  expect(explicitMapping({ pairs }).pairs(2, 6)).toEqual(pairs);
  expect(() => explicitMapping({ pairs }).pairs(2, 5)).toThrow(/student layer 1 with teacher layer 5, of 2 and 5/);
  expect(() => explicitMapping({ pairs }).pairs(1, 6)).toThrow(/0-based: 0 to 0 in the student/);
  expect(() => explicitMapping({ pairs: [] })).toThrow(/option pairs: Too small/);
});
