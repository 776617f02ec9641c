import { describe, expect, it } from 'vitest';
import { InputError } from '../errors.js';
import { parseJson, scanJson } from './json.js';

const parse = (text: string): unknown => parseJson(new TextEncoder().encode(text), 'read it').value;

describe('parseJson', () => {
  it('gives the value and the text', () => {
    const text = ' {"a": [1, "x\\"y", {"b": null}], "c": -1.5e3, "": {}} ';
    expect(parseJson(new TextEncoder().encode(text), 'read it')).toEqual({ text, value: JSON.parse(text) as unknown });
  });

  it('allows one key in several objects, and a key that is also a value', () => {
    expect(parse('{"a": {"a": "a"}, "b": [{"a": 1}, {"a": 2}], "c": "a"}')).toBeDefined();
  });

  it.each([
    ['{"a": 1, "a": 2}', 'the key "a" appears twice in one object'],
    ['{"x": [{"b": [], "c": "b", "b": 0}]}', 'the key "b" appears twice in one object'],
    ['{"é": 1, "\\u00e9": 2}', 'the key "é" appears twice in one object'],
    ['{"a\\"": 1, "b": ",", "a\\u0022": 2}', 'the key "a\\"" appears twice in one object'],
    ['['.repeat(65) + ']'.repeat(65), 'its values are nested more than 64 deep'],
    ['{"a":'.repeat(70) + '1' + '}'.repeat(70), 'its values are nested more than 64 deep'],
    ['{"a": 1', 'it is not valid JSON'],
    ['', 'it is not valid JSON'],
    ['{"a": NaN}', 'it is not valid JSON'],
    ['\ufeff{}', 'it is not valid JSON'],
  ])('refuses %j', (text, found) => {
    expect(() => parse(text)).toThrow(InputError);
    expect(() => parse(text)).toThrow(`read it: ${found}. `);
  });

  it('refuses a million nested lists without exhausting the stack', () => {
    expect(() => parse('['.repeat(1e6) + ']'.repeat(1e6))).toThrow('nested more than 64 deep');
  });

  it('refuses bytes that are not UTF-8 and keeps the cause', () => {
    const refusal = (): unknown => parseJson(Uint8Array.of(0x22, 0xff, 0x22), 'read it');
    expect(refusal).toThrow('read it: the JSON is not valid UTF-8. ');
    expect(refusal).toThrow(expect.objectContaining({ cause: expect.any(TypeError) as unknown }));
  });
});

describe('scanJson', () => {
  it('reports every number with its place and spelling', () => {
    const numbers: string[] = [];
    const text = '{"a": 10000.0, "b": [1, [2e-05, {"c": -3}], "4"], "d": {"e": {}, "f": 5E+2}, "g": 6}';
    expect(scanJson(text, (pointer, spelling) => numbers.push(`${pointer}=${spelling}`))).toBeUndefined();
    expect(numbers).toEqual(['/a=10000.0', '/b/0=1', '/b/1/0=2e-05', '/b/1/1/c=-3', '/d/f=5E+2', '/g=6']);
  });
});
