// `extends`: what a recipe says over what its base says.
import { ownValue } from '@espalier/core';

import { Reference } from '../secrets/references.js';

type Values = Readonly<Record<string, unknown>>;

/**
 * Maps are merged key by key; lists and single values are replaced. A map within that names another strategy (`name`) replaces
 * the whole, so that the options of one strategy are never given to another.
 */
export function mergeOver(base: unknown, own: unknown): unknown {
  if (own === undefined) return base;
  if (!isValues(base) || !isValues(own)) return own;
  const merged = (key: string): unknown => {
    const [before, now] = [ownValue(base, key), ownValue(own, key)];
    return nameOf(before) === undefined || nameOf(now) === undefined || nameOf(before) === nameOf(now)
      ? mergeOver(before, now)
      : now;
  };
  const keys = new Set([...Object.keys(base), ...Object.keys(own)]);
  return Object.fromEntries([...keys].map((key) => [key, merged(key)]));
}

function nameOf(value: unknown): string | undefined {
  const name = isValues(value) ? value['name'] : undefined;
  const text = name instanceof Reference ? name.value : name;
  return typeof text === 'string' ? text : undefined;
}

export function isValues(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Reference);
}
