// The cloze task: fair by construction, and not solvable without reading. That its answers are true is for
// cloze-truth.spec.ts.
import { describe, expect, test } from 'vitest';
import { clozeItems } from './cloze.js';
import { topics } from './questions.js';

const items = clozeItems(1, 900);
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

describe('cloze items', () => {
  test('are the same every time, and a longer list begins with the shorter one', () => {
    expect(clozeItems(1, 20)).toEqual(items.slice(0, 20));
    expect(clozeItems(2, 20)).not.toEqual(items.slice(0, 20));
  });

  test('have four different choices that all occur in the prompt', () => {
    for (const { prompt, choices } of items) {
      expect(new Set(choices).size).toBe(4);
      expect(choices.filter((choice) => !wordsOf(prompt).includes(choice))).toEqual([]);
    }
  });

  test('have the answer at each position equally often, and all topics equally often', () => {
    expect([0, 1, 2, 3].map((position) => items.filter(({ answer }) => answer === position).length)).toEqual(
      Array(4).fill(225),
    );
    for (const topic of topics) expect(items.filter((item) => item.topic === topic)).toHaveLength(100);
  });

  test('are not given away by how often, how late or how early a choice is named', () => {
    const count = (words: readonly string[], choice: string): number => words.filter((word) => word === choice).length;
    expect(accuracy(count)).toBeLessThan(0.4);
    expect(accuracy((words, choice) => -count(words, choice))).toBeLessThan(0.4);
    expect(accuracy((words, choice) => words.lastIndexOf(choice))).toBeLessThan(0.4);
    expect(accuracy((words, choice) => -words.indexOf(choice))).toBeLessThan(0.4);
  });
});
