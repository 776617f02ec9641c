// Recipes that were written to break a reader: each gets one sentence, with the place.
import { InputError } from '@espalier/core';
import { expect, test } from 'vitest';
import { parseRecipe } from './read-recipe.js';
import { expandTarget } from './shapes.js';
import { mergeOver } from './merge.js';
import { readSource } from './source-text.js';

const bomb = ['x: &a [x,x,x,x,x,x,x,x,x]', 'b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]', 'c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]', 'd: [*c,*c,*c,*c,*c,*c,*c,*c,*c]']; // prettier-ignore

test.each([
  [
    'an alias without an anchor',
    'a: 1\nb: *training',
    /recipe\.yaml:2:4: there is no anchor "&training" before "\*training"/,
  ],
  ['a bomb of aliases', bomb.join('\n'), /aliases stand for more than 100 copies/],
  ['a value that holds itself', 'a: &a [*a]', /holds itself/],
  ['a map that holds itself', '&a\na: *a', /holds itself/],
  ['a tag of code', 'a: !!js/function x', /recipe\.yaml:1:4: Unresolved tag/],
  ['a tag of its own', 'a: !foo bar', /Unresolved tag/],
  ['bytes', 'a: !!binary aGVsbG8=', /Unresolved tag/],
  ['a set', 'a: !!set {x, y}', /Unresolved tag/],
  ['a date of YAML 1.1', '%YAML 1.1\n---\na: 2001-01-01', /a date|Unresolved/],
  ['a merge of what is no map', '%YAML 1.1\n---\nx: &x {a: 1}\n<<: [*x, 3]', /Merge sources must be maps/],
  ['a version of YAML that there is not', '%YAML 9.9\n---\na: 1', /Unsupported YAML version/],
  ['a key given twice', 'a: 1\na: 2', /recipe\.yaml:2:1: Map keys must be unique/],
  ['a map as a key', '? {a: 1}\n: 2', /keys are words/],
  ['a list as a key', '[1]: 2', /keys are words/],
  ['two documents', 'a: 1\n---\nb: 2', /multiple documents/],
  ['brackets without an end', '['.repeat(5000), /nested too deep|nested more than 64/],
  [
    'maps in maps',
    Array.from({ length: 100 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
    /nested more than 64 deep/,
  ],
])('%s', (_what, text, found) => {
  expect(() => readSource(text, 'recipe.yaml', {})).toThrow(found);
  expect(() => readSource(text, 'recipe.yaml', {})).toThrow(InputError);
});

test('anchors and aliases that are meant well are followed', () => {
  expect(readSource('a: &a { x: 1 }\nb: *a', 'r', {}).value).toEqual({ a: { x: 1 }, b: { x: 1 } });
});

test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])('the name %s is no more than a word', (name) => {
  expect(expandTarget(name)).toBe(name);
  expect(() => readSource(`a: \${env:${name}}`, 'r', {})).toThrow(/is not set/);
  const merged = mergeOver({ a: 1 }, JSON.parse(`{ "${name}": { "b": 2 } }`));
  expect(JSON.stringify(merged)).toBe(`{"a":1,"${name}":{"b":2}}`);
  const recipe = { model: 'm', data: 'd', steps: [{ target: '50%', importance: { [name]: 1 } }], [name]: 1 };
  expect(() => parseRecipe(JSON.parse(JSON.stringify(recipe)), 'here')).toThrow(InputError);
});

const named = (...names: readonly string[]): unknown => ({
  model: 'm',
  data: 'd',
  steps: names.map((name) => ({ name, target: '50%' })),
});

test.each([
  ['.', /neither begins nor ends with/],
  ['..', /neither begins nor ends with/],
  ['.lock', /neither begins nor ends with/],
  ['half.', /neither begins nor ends with/],
  ['CON', /Windows keeps for a device/],
  ['com1.txt', /Windows keeps for a device/],
  ['teacher', /another part of a run/],
  ['Text', /another part of a run/],
  ['export', /another part of a run/],
  ['manifest.json', /another part of a run/],
  ['half.tmp', /unfinished files/],
  ['a'.repeat(101), /at most 100 characters/],
])('a step called %s is refused with the reason', (name, found) => {
  expect(() => parseRecipe(named('one', name), 'here')).toThrow(found);
  expect(() => parseRecipe(named('one', name), 'here')).toThrow(/steps\[1\]\.name/);
});

test('two steps whose names differ in case alone are refused, as are names that others have by default', () => {
  expect(() => parseRecipe(named('Half', 'half'), 'here')).toThrow(/case of its letters/);
  const recipe = { model: 'm', data: 'd', steps: [{ target: '50%' }, { target: '50%', name: 'step-1' }] };
  expect(() => parseRecipe(recipe, 'here')).toThrow(/another step is called so/);
  expect(parseRecipe(named('half', 'quarter-2.b'), 'here').steps).toHaveLength(2);
});

const lines = ['model: m', 'data: d', 'evaluation:', '  maxTokens: 3', 'steps:', '  - name: a', '    target: 50%', '    pruner: width']; // prettier-ignore
test.each([
  ['a key further in than its neighbours', 1, ' data: d'],
  ['a key less far in', 6, '   target: 50%'],
  ['a key of the last line', 7, '     pruner: width'],
  ['a key below its list', 6, 'target: 50%'],
  ['an item further in', 5, '      - name: a'],
  ['a tab', 3, '\tmaxTokens: 3'],
])('%s is called a wrong indentation', (_what, index, line) => {
  const text = lines.with(index, line).join('\n');
  const say = () => readSource(text, 'recipe.yaml', {});
  expect(say).toThrow(/recipe\.yaml:\d+:\d+: this line or the next is indented wrongly/);
  expect(say).toThrow(/begin in the same column/);
});
