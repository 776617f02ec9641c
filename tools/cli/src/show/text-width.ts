// How many columns of a terminal a text takes, and cutting it to fit. Texts here may hold colour codes.
import { terminalLine } from '@espalier/core';

const segments = new Intl.Segmenter('en', { granularity: 'grapheme' });
const escapes = /\u001b\[[0-9;?]*[A-Za-z]/g;
/** East Asian wide and full-width blocks (Unicode Standard Annex 11). */
const wide =
  /^[\u1100-\u115F\u2E80-\u303E\u3041-\u33FF\u3400-\u4DBF\u4E00-\u9FFF\uA000-\uA4CF\uA960-\uA97F\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{17000}-\u{18CFF}\u{1B000}-\u{1B2FF}\u{20000}-\u{3FFFD}]/u;
const invisible = /^[\p{Control}\p{Format}\p{Mark}\u115F\u1160]+$/u;

/** Columns of one grapheme: 0, 1 or 2. */
function graphemeWidth(grapheme: string): number {
  if (invisible.test(grapheme)) return 0;
  return wide.test(grapheme) || /\p{Emoji_Presentation}|\uFE0F/u.test(grapheme) ? 2 : 1;
}

/** Columns the text takes on a terminal; colour codes take none. */
export function textWidth(text: string): number {
  let width = 0;
  for (const { segment } of segments.segment(text.replace(escapes, ''))) width += graphemeWidth(segment);
  return width;
}

/** The text cut to at most `columns`, with an ellipsis where something went. The text holds no colour codes. */
export function truncate(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  let [kept, width] = ['', 0];
  for (const { segment } of segments.segment(text)) {
    width += graphemeWidth(segment);
    if (width > columns - 1) break;
    kept += segment;
  }
  return columns < 1 ? '' : `${kept}…`;
}

/** The text filled with spaces to `columns`, or cut to them. */
export function fit(text: string, columns: number): string {
  const cut = truncate(text, columns);
  return cut + ' '.repeat(Math.max(0, columns - textWidth(cut)));
}

/** One line of plain text: what could move the cursor or change colours is taken out. */
export function oneLine(text: string): string {
  const plain = text.replace(escapes, '').replace(/\p{Control}+/gu, ' ');
  return terminalLine(plain).trim();
}
