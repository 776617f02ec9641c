// Fingerprints of plain data: one line of canonical JSON, and its SHA-256.
import { createHash } from 'node:crypto';
import type { Json } from '@espalier/core';

/** JSON with the keys of every object sorted, so that equal values give equal text. */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, own]) => `${JSON.stringify(key)}:${canonicalJson(own)}`).join(',')}}`;
}

/** SHA-256, in lower-case hexadecimal, of a value as JSON with the keys of every object sorted: equal values have equal digests. */
export function digestJson(value: Json): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}
