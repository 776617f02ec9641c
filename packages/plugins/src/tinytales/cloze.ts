// The cloze task: a tale of the cloze split, the beginning of a closing sentence, and four words to end it with.
import { random as seeded, type Random } from '@espalier/core';
import type { Question, Topic } from './questions.js';
import { topics } from './questions.js';
import { story, tokenCount } from './story.js';
import { taleLength } from './tale.js';
import { kinds } from './words.js';

/** The tale up to the last word, and the words that could follow; each is one token, and each occurs in the tale. */
export interface ClozeItem {
  readonly prompt: string;
  /** Words without the space that comes before them. */
  readonly choices: readonly string[];
  /** The index of the right choice. */
  readonly answer: number;
  readonly topic: Topic;
}

const choiceCount = 4;

/** The words of the question's kind that the tale names, other than the answer. */
function rivals(body: string, { kind, answer }: Question): string[] {
  const words = new Set<string>(body.match(/[A-Za-z]+/g));
  const alike: readonly string[] = kinds[kind];
  return alike.filter((word) => words.has(word) && word !== answer);
}

/** How many of the other choices are named after the answer was named last: 0 when the answer is the latest. */
function recency(prompt: string, answer: string, others: readonly string[]): number {
  const words: readonly string[] = prompt.match(/[A-Za-z]+/g) ?? [];
  return others.filter((other) => words.lastIndexOf(other) > words.lastIndexOf(answer)).length;
}

const patience = 24;

/** Draws tales until one allows a question of the topic; if it can, one whose answer was last named at the wanted rank. */
function item(random: Random, topic: Topic, position: number): ClozeItem {
  const wanted = random.integer(choiceCount);
  for (let met = 0; ;) {
    const told = story(random, 'cloze');
    if (tokenCount(told.body) > taleLength.most - 10) continue;
    for (const question of random.shuffle(told.questions.filter((one) => one.topic === topic))) {
      const others = random.shuffle(rivals(told.body, question)).slice(0, choiceCount - 1);
      if (others.length < choiceCount - 1) continue;
      const prompt = `${told.body} ${question.stem}`;
      if (recency(prompt, question.answer, others) !== wanted && met++ < patience) continue;
      const choices = [...others.slice(0, position), question.answer, ...others.slice(position)];
      return { prompt, choices, answer: position, topic };
    }
  }
}

/** Items of all topics in turn; chance is 1/4, and every four items have their answers at four different positions. */
export function clozeItems(seed: number, count: number): readonly ClozeItem[] {
  const stream = seeded(seed).fork('cloze');
  const positions = (block: number): number[] => stream.fork(`positions ${block}`).shuffle([0, 1, 2, 3]);
  return Array.from({ length: count }, (_, i) =>
    item(
      stream.fork(i),
      topics[i % topics.length] ?? 'holder',
      positions(Math.floor(i / choiceCount))[i % choiceCount] ?? 0,
    ),
  );
}
