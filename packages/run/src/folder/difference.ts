// What differs between two plain values, for messages.
import { ownValue, type Json } from '@espalier/core';

/** Up to `limit` differences as `steps.0.target: "50%" before, "40%" now`; none when the values are equal. */
export function differences(before: Json, now: Json, limit = 5): readonly string[] {
  return walk(before, now, '').slice(0, limit);
}

function walk(before: Json | undefined, now: Json | undefined, path: string): readonly string[] {
  if (isRecord(before) && isRecord(now)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])];
    return keys.flatMap((key) => walk(ownValue(before, key), ownValue(now, key), path === '' ? key : `${path}.${key}`));
  }
  if (JSON.stringify(before) === JSON.stringify(now)) return [];
  return [`${path === '' ? 'value' : path}: ${shown(before)} before, ${shown(now)} now`];
}

/** Lists are compared item by item, under their 0-based numbers. */
function isRecord(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null;
}

function shown(value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
