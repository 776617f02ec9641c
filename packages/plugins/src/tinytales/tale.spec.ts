// The stream of tales: repeatable, of the promised length, in three splits that share nothing, in clean sentences.
import { random } from '@espalier/core';
import { expect, test } from 'vitest';
import { situations } from './situations.js';
import { splitOf, tale, taleLength, tales, tokenCount, type Split } from './tale.js';
import { colours, people, places, toys } from './words.js';

function first(count: number, seed: number, split: Split = 'train'): string[] {
  const stream = tales(seed, split);
  return Array.from({ length: count }, () => stream.next().value);
}

const training = first(2000, 1);

test('the first tale of seed 1 stays as it is, so that a recipe means the same text for ever', () => {
  expect(training[0]).toBe(
    'Lily was at the park with a white coin. Zoe was at the river with a blue rope. At the mill sat Tom with a red book. At the shop sat Anna with a green cup. A year ago Tom was ill, Zoe was worried, Anna was scared and Lily was proud. In the box there were a key, some tea, a ribbon and a lamp. Today something happened to Tom. Tom sneezed and he sneezed again. A cart came down the road. Tom felt ill. The leaves moved in the wind. Tom asked Zoe for the tea. Zoe brought it. Tom drank the tea and went to bed. In the end, Lily had the white coin. In the end, Zoe was at the river.',
  );
});

test('tale i depends on the seed, the split and i alone', () => {
  expect(first(3, 1)).toEqual(training.slice(0, 3));
  expect(tale(random(1).fork('train').fork(2)).text).toBe(training[2]);
  expect(first(1, 2)).not.toEqual(first(1, 1));
  expect(first(1, 1, 'validation')).not.toEqual(first(1, 1));
});

test('every tale has 60 to 200 tokens', () => {
  const lengths = training.map(tokenCount);
  expect(Math.min(...lengths)).toBeGreaterThanOrEqual(taleLength.least);
  expect(Math.max(...lengths)).toBeLessThanOrEqual(taleLength.most);
});

test.each(['train', 'validation', 'cloze'] as const)('every tale of %s is about people of that split', (split) => {
  for (const text of first(500, 3, split)) {
    expect(splitOf(people.filter(({ name }) => text.includes(name)))).toBe(split);
  }
});

test('no tale comes twice, within a split or across splits', () => {
  const all = [...training, ...first(2000, 1, 'validation'), ...first(2000, 2)];
  expect(new Set(all).size).toBe(all.length);
});

test('every word of the world is used', () => {
  const used = new Set(training.join(' ').match(/[A-Za-z]+/g));
  const named = [people.map(({ name }) => name), places, toys, colours].flat();
  expect(
    [...named, ...situations.flatMap(({ feeling, help }) => [feeling, help])].filter((word) => !used.has(word)),
  ).toEqual([]);
});

test('sentences are well formed', () => {
  const wrong = /\s\s|[{}]|undefined|\ba [aeiou]|\ban [^aeiou]|\.\s+[a-z]|[a-z]\s+\.|,\.|\bthe the\b|[^ -~]/;
  expect(training.find((text) => wrong.test(text))).toBeUndefined();
  expect(training.find((text) => !/^[A-Z].*\.$/.test(text))).toBeUndefined();
});

test('each feeling and each help belong to one situation, and no cause names them', () => {
  const words = situations.flatMap(({ feeling, help }) => [feeling, help]);
  expect(new Set(words).size).toBe(words.length);
  const [who, friend] = people;
  for (const { causes, feeling, help } of situations) {
    for (const cause of causes) {
      if (who === undefined || friend === undefined) throw new RangeError('there are no people');
      expect(cause(who, friend)).not.toMatch(new RegExp(`\\b(${feeling}|${help})\\b`));
    }
  }
});
