import { expect, test } from 'vitest';
import { formatBytes, formatDuration } from './format.js';

test.each([
  [4.23, '4.2 s'],
  [65, '1 min 05 s'],
  [7800, '2 h 10 min'],
  [72 * 3600, '72 h 00 min'],
  [12 * 86_400, '12 days'],
  [23_000 * 365.25 * 86_400, '23.0k years'],
])('%d seconds are %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

test.each([
  [520_064, '520 kB'],
  [537e6, '537 MB'],
  [16.06e9, '16.1 GB'],
  [397.4e9, '397 GB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
