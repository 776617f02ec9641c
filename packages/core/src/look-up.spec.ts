import { describe, expect, it } from 'vitest';
import { InternalError } from './errors.js';
import { at, present } from './look-up.js';

describe('look-ups that must succeed', () => {
  it('give what is there, 0 and the empty text too', () => {
    expect(present(new Map([['a', 0]]).get('a'), 'a')).toBe(0);
    expect(at(['x', ''], 1)).toBe('');
    expect(at([3, 4, 5], -1)).toBe(5);
    expect(at(Int32Array.of(7), 0)).toBe(7);
  });

  it.each([2, -3, 0.5, NaN, Infinity])('refuse index %d of two elements', (index) => {
    expect(() => at([1, 2], index)).toThrow(InternalError);
    expect(() => at([1, 2], index)).toThrow(`internal: there is no element ${index} among 2`);
  });

  it('name what is missing', () => {
    expect(() => present(new Map<string, number>().get('wq'), 'weight "wq"')).toThrow(
      'internal: weight "wq" is missing',
    );
  });
});
