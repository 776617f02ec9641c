// Text from outside as a terminal may show it: what could move the cursor, change colours, reverse the direction of writing or
// hide something is shown as an escape.

/**
 * Control characters but tab and line feed, marks that change the direction of writing (Unicode Standard Annex 9), separators of
 * lines, characters that cannot be seen, and halves of surrogate pairs. Joiners of scripts and emoji (U+200C, U+200D) stay.
 */
const unsafe =
  /[\0-\u0008\u000B-\u001F\u007F-\u009F\u00AD\u061C\u180E\u200B\u200E\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB\u{E0000}-\u{E007F}\p{Surrogate}]/gu;

/** The text with such characters shown as `\u{1b}`; lines and tabs stay. */
export function terminalText(text: string): string {
  return text.replace(unsafe, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

/** The same on one line: a line feed is shown as `\n`, a tab as a space. */
export function terminalLine(text: string): string {
  return terminalText(text).replaceAll('\n', '\\n').replaceAll('\t', ' ');
}
