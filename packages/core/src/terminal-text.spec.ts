import { expect, test } from 'vitest';
import { terminalLine, terminalText } from './terminal-text.js';

test.each([
  ['an escape that clears the screen', 'a\u001b[2Jb', 'a\\u{1b}[2Jb'],
  ['an operating-system command', '\u001b]0;title\u0007', '\\u{1b}]0;title\\u{7}'],
  ['a C1 introducer', '\u009b31m', '\\u{9b}31m'],
  ['a return that writes over the line', 'bad\rgood', 'bad\\u{d}good'],
  ['a deletion', 'a\u007f', 'a\\u{7f}'],
  ['marks of direction', '\u202Etxt.exe\u2066', '\\u{202e}txt.exe\\u{2066}'],
  ['what cannot be seen', 'a\u200B\uFEFF\u{E0041}', 'a\\u{200b}\\u{feff}\\u{e0041}'],
  ['separators of lines', 'a\u2028b', 'a\\u{2028}b'],
  ['half of a surrogate pair', 'a\ud800', 'a\\u{d800}'],
])('%s is shown, not obeyed', (_what, text, shown) => {
  expect(terminalText(text)).toBe(shown);
});

test('letters of all scripts, emoji with joiners, tabs and lines stay', () => {
  const text = 'été 日本語 עברית عربى नमस्ते 👩‍👩‍👧 \t\n';
  expect(terminalText(text)).toBe(text);
});

test('every code point comes out without a control or format character but joiners', () => {
  for (let code = 0; code <= 0x10ffff; code++) {
    const shown = terminalText(String.fromCodePoint(code));
    if (shown.includes('\\u{')) expect(shown).toMatch(/^[ -~]+$/);
    else if (/\p{Control}/u.test(shown)) expect('\t\n').toContain(shown);
    else if (/\p{Bidi_Control}/u.test(shown)) expect.fail(`U+${code.toString(16)}`);
  }
});

test('a line is one line', () => {
  expect(terminalLine('a\nespalier: done\tb')).toBe('a\\nespalier: done b');
});
