// From a good input to one that is wrong somewhere: bytes, numbers, words, spans, and values of JSON. The same stream gives the same input.
import type { Random } from '@espalier/core';

/** What breaks readers: names that every object has, numbers past every range, codes of terminals, YAML's own words, paths. */
const words = [
  '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'length', 'null', 'true', 'NaN', 'Infinity', '-0', '0', '-1', '1e308', '1e999',
  '9007199254740993', '2147483648', '4294967296', '18446744073709551616', '0.1', '[]', '{}', '""', '"', '{', '[', ']', '}', ',', ':', '\n', '\r\n',
  '\u001b[2J', '\u001b]0;x\u0007', '\\u001b[2J', '\u202e', '\\u202e', '\\ud800', '\\u0000', '\0', '\u007f', '\u2028', '\ufeff', '&a ', '*a', '<<: ',
  '!!js/function ', '!!binary ', '%YAML 1.1\n---\n', '---\n', '${env:HOME}', '${env:constructor}', '..', '/', '/dev/zero', '/proc/self/mem', 'CON', '[[[[[[[[[[',
  '{"a":{"a":{"a":', 'é', '日本', '👩‍👩‍👧', 'F64', 'I8', 'model-00001-of-99999.safetensors', '=', '%', '..', ',,', '|', '<script>', '```', '%s%n',
]; // prettier-ignore

const jsonValues: readonly unknown[] = [
  null, true, 0, -1, 1.5, 1e308, -1e308, 2 ** 31, 2 ** 53 - 1, 2 ** 53, 5e-324, '', 'x', '\u001b[2J\u202e', '__proto__', '\ud800', [], [[]], {}, { constructor: 1 },
  'y'.repeat(500),
]; // prettier-ignore

/** An input made from one of the corpus, or of two. */
export function mutate(corpus: readonly Buffer[], stream: Random): Buffer {
  let bytes = stream.pick(corpus);
  const json = stream.integer(3) === 0 ? jsonOf(bytes) : undefined;
  if (json !== undefined) bytes = Buffer.from(JSON.stringify(changed(json.value, stream, 0)));
  const times = json === undefined ? 1 + stream.integer(4) : stream.integer(2);
  for (let time = 0; time < times; time++) bytes = stream.pick(operations)(bytes, stream, corpus);
  return bytes;
}

type Operation = (bytes: Buffer, stream: Random, corpus: readonly Buffer[]) => Buffer;

const operations: readonly Operation[] = [
  (bytes, stream) => replaced(bytes, stream.integer(bytes.length + 1), 1, Buffer.from([stream.integer(256)])),
  (bytes, stream) => replaced(bytes, stream.integer(bytes.length + 1), 0, Buffer.from(stream.pick(words))),
  (bytes, stream) =>
    replaced(bytes, stream.integer(bytes.length + 1), stream.integer(12), Buffer.from(stream.pick(words))),
  (bytes, stream) => replaced(bytes, stream.integer(bytes.length + 1), 1 + stream.integer(40), Buffer.alloc(0)),
  (bytes, stream) => bytes.subarray(0, stream.integer(bytes.length + 1)),
  (bytes, stream) => {
    const at = stream.integer(bytes.length + 1);
    return replaced(bytes, at, 0, bytes.subarray(at, at + stream.integer(60)));
  },
  (bytes, stream, corpus) => {
    const other = stream.pick(corpus);
    const from = stream.integer(other.length + 1);
    return replaced(
      bytes,
      stream.integer(bytes.length + 1),
      stream.integer(20),
      other.subarray(from, from + stream.integer(80)),
    );
  },
  (bytes, stream) => replacedMatch(bytes, /-?\d+(\.\d+)?/g, stream),
  (bytes, stream) => replacedMatch(bytes, /[\p{L}_][\p{L}\d_-]*/gu, stream),
  (bytes, stream) => {
    const line = bytes.toString('latin1').split('\n');
    return Buffer.from(stream.shuffle(line).join('\n'), 'latin1');
  },
];

function replaced(bytes: Buffer, at: number, count: number, by: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), by, bytes.subarray(at + count)]);
}

function replacedMatch(bytes: Buffer, pattern: RegExp, stream: Random): Buffer {
  const text = bytes.toString('latin1');
  const matches = [...text.matchAll(pattern)];
  if (matches.length === 0) return bytes;
  const { index, 0: found } = stream.pick(matches);
  return replaced(bytes, index, found.length, Buffer.from(stream.pick(words)));
}

function jsonOf(bytes: Buffer): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(bytes.toString()) as unknown };
  } catch {
    return undefined;
  }
}

/** The value with one thing in it changed. */
function changed(value: unknown, stream: Random, depth: number): unknown {
  if (typeof value !== 'object' || value === null || stream.integer(6 + depth) === 0) return stream.pick(jsonValues);
  const entries: (readonly [string, unknown])[] = Object.entries(value);
  if (entries.length === 0) return stream.pick(jsonValues);
  const place = stream.integer(entries.length);
  const other = entries.map(([key, own], index): readonly [string, unknown] => [
    key,
    index === place ? changed(own, stream, depth + 1) : own,
  ]);
  if (Array.isArray(value)) return other.map(([, own]) => own);
  const kind = stream.integer(8);
  if (kind === 0) other.splice(place, 1);
  if (kind === 1) other.push([stream.pick(words), stream.pick(jsonValues)]);
  return Object.fromEntries(other);
}
