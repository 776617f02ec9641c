import { createRequire } from 'node:module';
import util from 'node:util';
import { expect, test } from 'vitest';
import { restoreUtil } from './native-addon.js';

test('what newer Node versions took out of util and the addon still calls is put back, and left alone where it is', () => {
  const newer: Record<string, unknown> = { promisify: util.promisify };
  restoreUtil(newer);
  const restored = newer['isNullOrUndefined'] as (value: unknown) => boolean;
  expect([null, undefined, 0, '', []].map((value) => restored(value))).toEqual([true, true, false, false, false]);
  expect(newer['promisify']).toBe(util.promisify);
  restoreUtil(newer);
  expect(newer['isNullOrUndefined']).toBe(restored);
});

test("it is put where the addon's require finds it", () => {
  restoreUtil(util);
  const required: unknown = createRequire(import.meta.url)('util');
  expect(required).toHaveProperty('isNullOrUndefined');
});
