// Looking something up by a name that came from outside.

/** The record's own value of that name; `undefined` for names that every object has, such as `constructor` or `__proto__`. */
export function ownValue<Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
