import { describe, expect, test } from 'vitest';
import { fit, oneLine, textWidth, truncate } from './text-width.js';

describe('text width', () => {
  test.each([
    ['plain', 5],
    ['', 0],
    ['日本語', 6],
    ['é', 1], // one letter with a combining accent
    ['👩‍💻 ok', 5], // several code points, one picture of two columns
    ['━━╌╌ ▁▃█ ✓●○', 12],
    ['\u001b[2mdim\u001b[22m', 3],
    ['한글', 4],
  ])('%j takes %i columns', (text, width) => {
    expect(textWidth(text)).toBe(width);
  });

  test('cutting never splits a character and never exceeds the width', () => {
    expect(truncate('日本語', 4)).toBe('日…');
    expect(truncate('日本語', 5)).toBe('日本…');
    expect(truncate('日本語', 6)).toBe('日本語');
    expect(truncate('abc', 0)).toBe('');
    expect(fit('日本語', 4)).toBe('日… ');
  });

  test('a line of somebody else cannot move the cursor', () => {
    expect(oneLine('a\u001b[2Jb\r\nc\u0007')).toBe('ab c');
  });
});
