// The text of a record.
import { InputError } from '@espalier/core';

/** The text of a record: the record itself, a field, or one within (`message.content`); null where the row has none. Throws `InputError` naming the fields there are. */
export function fieldOf(record: unknown, field: string, where: string): string | null {
  if (typeof record === 'string' || record === null) return record;
  const value = field
    .split('.')
    .reduce<unknown>(
      (own, part) => (own === null ? null : isRecord(own) && Object.hasOwn(own, part) ? own[part] : undefined),
      record,
    );
  if (typeof value === 'string' || value === null) return value;
  const asked = `read field "${field}" in ${where}`;
  const chat = isRecord(record) ? Object.keys(record).find((key) => isChat(record[key])) : undefined;
  if (chat !== undefined) {
    throw new InputError({
      asked,
      found: `"${chat}" is a conversation, and a row must be one text`,
      fix: 'Write each conversation as a text by the chat template of the model first (in Python: tokenizer.apply_chat_template(messages, tokenize=False)); to learn from answers alone, write a data source that gives a weight for each token',
    });
  }
  const known = isRecord(record) ? Object.keys(record).filter((key) => typeof record[key] === 'string') : [];
  throw new InputError({
    asked,
    found: value === undefined ? 'there is no such field' : `it is ${kindOf(value)}, not text`,
    fix:
      known.length === 0
        ? 'Name the field that holds the text (field)'
        : `Name a field with text (field): ${known.join(', ')}`,
  });
}

/** Throws `InputError` for a text with half of a surrogate pair, which no UTF-8 can hold and Python refuses as well. */
export function wellFormed(text: string, where: string): string {
  const half = /\p{Surrogate}/u.exec(text);
  if (half === null) return text;
  throw new InputError({
    asked: `read ${where}`,
    found: `it has half of a surrogate pair, \\u${text.charCodeAt(half.index).toString(16)}, which is no character`,
    fix: 'Write both halves, or leave it out',
  });
}

/** Messages with a role, as chat data sets have them, or `from` and `value` as ShareGPT has. */
function isChat(value: unknown): boolean {
  return Array.isArray(value) && value.some((own) => isRecord(own) && ('role' in own || 'from' in own));
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
