// Texts in JSON: one record a line, or one array of records.
import { InputError } from '@espalier/core';
import { fieldOf, wellFormed } from './field.js';
import { lines, wholeText } from './lines.js';

const fix = 'Every line must be one JSON value, or the file one array; plain text is read with format text';

/** The texts of a field; null where a row has none. An array begins with "[", which no record does. Throws `InputError`. */
export async function* jsonTexts(file: string, field: string): AsyncGenerator<string | null> {
  let isFirst = true;
  for await (const { text, number } of lines(file)) {
    const record = text.trim();
    if (record === '') continue;
    if (isFirst && record.startsWith('[')) {
      yield* arrayTexts(file, field);
      return;
    }
    isFirst = false;
    const where = `line ${number} of "${file}"`;
    yield textOf(parsed(record, where, fix), field, where, record);
  }
}

async function* arrayTexts(file: string, field: string): AsyncGenerator<string | null> {
  const text = await wholeText(file);
  const rows = parsed(text, `"${file}"`, 'It begins as an array, so it must be one whole; or give one record a line');
  if (!Array.isArray(rows)) throw new InputError({ asked: `read "${file}"`, found: 'it is no array', fix: 'Give one' });
  for (const [index, row] of rows.entries()) yield textOf(row, field, `element ${index} (0-based) of "${file}"`, text);
}

/** Only an escape can make half a pair: the bytes were UTF-8. */
function textOf(record: unknown, field: string, where: string, source: string): string | null {
  const text = fieldOf(record, field, where);
  return text === null || !source.includes('\\u') ? text : wellFormed(text, where);
}

function parsed(text: string, where: string, fix: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new InputError({ asked: `read ${where} as JSON`, found, fix }, { cause });
  }
}
