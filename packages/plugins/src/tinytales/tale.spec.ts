// The stream of tales: repeatable, of the promised length, in three splits that share nothing, in clean sentences.
import { random } from '@espalier/core';
import { describe, expect, test } from 'vitest';
import { splitOf, type Split } from './scene.js';
import { tokenCount } from './story.js';
import { tale, taleLength, tales } from './tale.js';
import {
  adjectives,
  causes,
  chores,
  creatures,
  foods,
  herds,
  ingredients,
  nouns,
  people,
  pets,
  places,
  spots,
} from './words.js';

function first(count: number, seed: number, split: Split = 'train'): string[] {
  const stream = tales(seed, split);
  return Array.from({ length: count }, () => stream.next().value);
}

const training = first(2000, 1);

describe('tales', () => {
  test('the first tale of seed 1 stays as it is, so that a recipe means the same text for ever', () => {
    expect(training[0]).toBe(
      'One morning, Lucy owned a blue scarf. Lily had a new map in her bag. Zoe played at the bridge. At the river sat Max. He had a dream. He was lonely. Jack walked to the barn. He bought a big rope at the barn. Then Jack went to the river, where Max was. Next, Max got the big rope from Jack. Max felt happy. "Thank you so much," said Max. Meanwhile, Lucy asked where Jack was. "At the river," said Zoe. Later, Lily handed the new map to Zoe.',
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
    const named = [
      ...people.map(({ name }) => name),
      ...[places, spots, nouns, pets, adjectives, foods, ingredients, creatures, herds].flat(),
      ...[...causes, ...chores.map((chore) => chore.split(' '))].flat(),
    ];
    expect(named.filter((word) => !used.has(word))).toEqual([]);
  });

  test('sentences are well formed', () => {
    const wrong = /\s\s|[{}]|undefined|\ba [aeo]|\ban [^aeo]|\.\s+[a-z]|[a-z]\s+\.|,\.|\bthe the\b|[^ -~]/;
    expect(training.find((text) => wrong.test(text))).toBeUndefined();
    expect(training.find((text) => !/^[A-Z].*[.!"]$/.test(text))).toBeUndefined();
  });
});
