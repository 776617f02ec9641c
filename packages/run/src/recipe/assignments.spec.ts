// Values of a recipe that are given beside it.
import { resolve } from 'node:path';
import { InputError } from '@espalier/core';
import { expect, test } from 'vitest';
import { assign, readAssignment } from './assignments.js';
import { assignedRecipe } from './read-recipe.js';

const recipe = {
  model: 'm',
  data: 'corpus.txt',
  steps: [{ target: '50%' }, { target: '40%', importance: { batch: 2 } }],
};
const set = (text: string, own: unknown = recipe): unknown => assign(own, readAssignment(text, '/here', { N: '7' }));

test('a value goes to its place, and the rest stays', () => {
  expect(set('steps[1].importance.samples=1e3')).toEqual({
    ...recipe,
    steps: [recipe.steps[0], { target: '40%', importance: { batch: 2, samples: 1000 } }],
  });
  expect(set('steps[0]={target: 25%}')).toEqual({ ...recipe, steps: [{ target: '25%' }, recipe.steps[1]] });
  expect(set('checkpoints.keep=3')).toEqual({ ...recipe, checkpoints: { keep: 3 } });
  expect(set('name=a=b')).toEqual({ ...recipe, name: 'a=b' });
});

test('the recipe that was given is not changed', () => {
  const before = structuredClone(recipe);
  set('steps[1].importance.batch=8');
  expect(recipe).toEqual(before);
});

test('a key that every object has is a key like any other', () => {
  const own = set('constructor.prototype.x=1', {});
  expect(JSON.stringify(own)).toBe('{"constructor":{"prototype":{"x":1}}}');
  expect(JSON.stringify(set('__proto__.x=1', {}))).toBe('{"__proto__":{"x":1}}');
  expect(Object.hasOwn(Object.prototype, 'x')).toBe(false);
});

test('paths are seen from where the command runs', () => {
  expect(set('export.folder=out')).toEqual({ ...recipe, export: { folder: resolve('/here/out') } });
  expect(set('plugins=[./mine.ts, other]')).toEqual({ ...recipe, plugins: [resolve('/here/mine.ts'), 'other'] });
});

test('a variable that is set beside flags is looked up, and written as its reference', () => {
  const own = [readAssignment('name=run-${env:N}', '/here', { N: '7' })];
  const { recipe: read, references } = assignedRecipe(recipe, own, 'given by flags');
  expect(read.name).toBe('run-7');
  expect(references).toEqual([{ path: ['name'], written: 'run-${env:N}' }]);
  const wrong = [readAssignment('seed=${env:N}x', '/here', { N: '7' })];
  expect(() => assignedRecipe(recipe, wrong, 'given by flags')).toThrow(
    /with --set seed: "seed" is \$\{env:N\}x, and a number is expected/,
  );
});

test.each([
  ['steps', /it has no "="/],
  ['=3', /"" names no place/],
  ['steps.[0].target=1', /names no place/],
  ['steps[2].target=1', /steps has 2 entries, counted from 0/],
  ['steps.target=1', /steps is a list.*steps\[0\]/],
  ['steps.0.importance.batch=1', /steps is a list.*: steps\[0\]\.importance\.batch\./],
  ['step.0.x=1', /"step\.0\.x" names no place in a recipe.*Perhaps steps\[0\]\.x was meant/],
  ['checkpoint.keep=1', /Perhaps checkpoints\.keep was meant/],
  ['model[0]=1', /model is no list/],
  ['data.split=whole', /data is "corpus.txt", which has no keys/],
  ['name=[', /--set name:1/],
  ['extends=base.yaml', /bases of a recipe are read before/],
  ['extends[0]=base.yaml', /bases of a recipe are read before/],
  ['name=${env:NONE}', /variable NONE is not set/],
])('%s is refused', (text, message) => {
  expect(() => set(text)).toThrow(InputError);
  expect(() => set(text)).toThrow(message);
});

test('a key that only an assignment has is placed there, and one of the recipe in the recipe', () => {
  const refusal =
    (...texts: readonly string[]) =>
    () =>
      assignedRecipe(
        recipe,
        texts.map((text) => readAssignment(text, '/here')),
        'given by flags',
      );
  expect(refusal('zebra.x.y=1')).toThrow(/read recipe with --set zebra\.x\.y: "zebra" is not a key of a recipe/);
  expect(refusal('evaluation.foo.bar=1')).toThrow(/with --set evaluation\.foo\.bar: "foo" is not a key/);
  expect(refusal('steps[0].importance.samples=x')).toThrow(/samples" is "x", and a number is expected. Write it/);
  const wrong = { ...recipe, checkpoints: { kept: 3 } };
  const both = [readAssignment('checkpoints.kept.x=1', '/here')];
  expect(() => assignedRecipe(wrong, both, 'given by flags')).toThrow(/kept is 3, which has no keys/);
  expect(() => assignedRecipe(wrong, [readAssignment('seed=2', '/here')], 'given by flags')).toThrow(/given by flags/);
});
