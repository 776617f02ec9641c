import { describe, expect, test } from 'vitest';
import { segmentsOf } from './cache.js';

describe('cache segments', () => {
  test.each([1, 63, 64, 65, 256, 512, 513, 4096])(
    'cover %i positions without gap or overlap, at most eight',
    (capacity) => {
      const segments = segmentsOf(capacity);
      expect(segments.length).toBeLessThanOrEqual(8);
      expect(segments.map(({ start }) => start)).toEqual(
        segments.map((_, index) => segments.slice(0, index).reduce((sum, own) => sum + own.size, 0)),
      );
      expect(segments.reduce((sum, own) => sum + own.size, 0)).toBe(capacity);
      expect(segments.every(({ size }) => size > 0)).toBe(true);
    },
  );
});
