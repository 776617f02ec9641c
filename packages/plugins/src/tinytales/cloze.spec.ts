// The cloze task: fair by construction, true by a second reading of the text, and not solvable by counting words.
import { expect, test } from 'vitest';
import { clozeItems, type ClozeItem } from './cloze.js';
import { situations } from './situations.js';
import { topics } from './tale.js';
import { people } from './words.js';

const items = clozeItems(1, 800);
const wordsOf = (text: string): readonly string[] => text.match(/[A-Za-z]+/g) ?? [];

/** How often the guess is right, where a tie counts as a guess among the tied. */
function accuracy(score: (words: readonly string[], choice: string) => number): number {
  const hits = items.map((item) => {
    const words = wordsOf(item.prompt);
    const scores = item.choices.map((choice) => score(words, choice));
    const best = Math.max(...scores);
    return scores[item.answer] === best ? 1 / scores.filter((value) => value === best).length : 0;
  });
  return hits.reduce((sum, hit) => sum + hit, 0) / items.length;
}

test('items are the same every time, and a longer list begins with the shorter one', () => {
  expect(clozeItems(1, 20)).toEqual(items.slice(0, 20));
  expect(clozeItems(2, 20)).not.toEqual(items.slice(0, 20));
});

test('items have four different choices that all occur in the prompt', () => {
  for (const { prompt, choices } of items) {
    expect(new Set(choices).size).toBe(4);
    expect(choices.filter((choice) => !wordsOf(prompt).includes(choice))).toEqual([]);
  }
});

test('items have the answer at each position equally often, and all topics equally often', () => {
  expect([0, 1, 2, 3].map((position) => items.filter(({ answer }) => answer === position).length)).toEqual(
    Array(4).fill(200),
  );
  for (const topic of topics) expect(items.filter((item) => item.topic === topic)).toHaveLength(200);
});

test('items are not given away by how often, how late or how early a choice is named', () => {
  const count = (words: readonly string[], choice: string): number => words.filter((word) => word === choice).length;
  expect(accuracy(count)).toBeLessThan(0.4);
  expect(accuracy((words, choice) => -count(words, choice))).toBeLessThan(0.4);
  expect(accuracy((words, choice) => words.lastIndexOf(choice))).toBeLessThan(0.4);
  expect(accuracy((words, choice) => -words.indexOf(choice))).toBeLessThan(0.4);
});

/** Reads the answer out of the text by patterns, knowing nothing of how the tale was told. */
function reread({ prompt, topic }: ClozeItem): string | undefined {
  const sentences = prompt.split('. ');
  const stem = sentences.at(-1) ?? '';
  if (topic === 'thing') return new RegExp(`${stem.split(' ').at(-1) ?? ''} (\\w+)`).exec(prompt)?.[1];
  const [name = ''] = wordsOf(stem).filter((word) => people.some((person) => person.name === word));
  if (topic === 'place') {
    const home = sentences.find((sentence) => sentence.includes(name)) ?? '';
    return /[aA]t the (\w+)/.exec(home)?.[1];
  }
  const told = prompt.slice(prompt.lastIndexOf(`something happened to ${name}`));
  const law = situations.find(({ causes }) =>
    people.some((who) => people.some((friend) => causes.some((cause) => told.includes(cause(who, friend))))),
  );
  return topic === 'effect' ? law?.feeling : law?.help;
}

test('answers are what a second reading of the text finds', () => {
  expect(items.filter((item) => reread(item) !== item.choices[item.answer])).toEqual([]);
});
