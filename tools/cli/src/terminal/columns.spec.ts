// Lines on a terminal that is narrower than they are.
import { expect, test } from 'vitest';
import { broken, screenColumns } from './columns.js';

test('a line that fits stays as it is, spaces and all', () => {
  expect(broken('  a   b', 7)).toEqual(['  a   b']);
  expect(broken('x'.repeat(500), Infinity)).toEqual(['x'.repeat(500)]);
});

test('a longer one is broken between words, with its indentation and two more', () => {
  const words = Array.from({ length: 40 }, (_, index) => `word${index}`).join(' ');
  const lines = broken(`    ${words}`, 40);
  expect(lines.filter((line) => line.length > 40)).toEqual([]);
  expect(lines[0]).toMatch(/^ {4}word0 /);
  for (const line of lines.slice(1)) expect(line).toMatch(/^ {6}\S/);
  expect(lines.map((line) => line.trim()).join(' ')).toBe(words);
});

test('a word that is longer than the terminal stays whole, for it may be copied', () => {
  expect(broken(`see ${'x'.repeat(50)}`, 20)).toEqual(['see', `  ${'x'.repeat(50)}`]);
});

test('a pipe takes lines of any length', () => {
  expect(screenColumns({ isTTY: false, columns: 80 })).toBe(Infinity);
  expect(screenColumns({ isTTY: true, columns: 80 })).toBe(80);
});
