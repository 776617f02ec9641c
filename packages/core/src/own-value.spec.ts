import { expect, test } from 'vitest';
import { ownValue } from './own-value.js';

test('names that every object has are not found, own ones are', () => {
  const record = { a: 1 };
  for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf', 'b'])
    expect(ownValue(record, name)).toBeUndefined();
  expect(ownValue(record, 'a')).toBe(1);
  expect(ownValue(JSON.parse('{"__proto__": 2}') as Record<string, number>, '__proto__')).toBe(2);
});
