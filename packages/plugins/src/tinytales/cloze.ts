// The cloze task: a tale of the cloze split up to the last word of a sentence, and four words to end it with.
import { at, random as seeded, type Random } from '@espalier/core';
import { story, topics, type Topic } from './tale.js';

/** The tale up to the missing word, and the words that could follow; each is one token, and each occurs in the tale. */
export interface ClozeItem {
  /** The tale up to the missing word, without the space before it. */
  readonly prompt: string;
  /** Words without the space that comes before them. */
  readonly choices: readonly string[];
  /** 0-based index of the right choice. */
  readonly answer: number;
  /** What is asked: how somebody feels, what they need, what they own, or where they are. */
  readonly topic: Topic;
}

const CHOICES = 4;

/** Items of all topics in turn; chance is 1/4, and every four items have their answers at four different positions. */
export function clozeItems(seed: number, count: number): readonly ClozeItem[] {
  return clozeItemsOf(seeded(seed), count);
}

/** Items of a stream of random numbers, as `clozeItems`. */
export function clozeItemsOf(random: Random, count: number): readonly ClozeItem[] {
  const stream = random.fork('cloze');
  const positions = (block: number): readonly number[] => stream.fork(`positions ${block}`).shuffle([0, 1, 2, 3]);
  return Array.from({ length: count }, (_, index) => {
    const topic = at(topics, index % topics.length);
    return item(stream.fork(index), topic, at(positions(Math.floor(index / CHOICES)), index % CHOICES));
  });
}

/** Tells tales until one has a question of the topic. */
function item(random: Random, topic: Topic, position: number): ClozeItem {
  for (;;) {
    const fitting = story(random, 'cloze').questions.filter((own) => own.topic === topic);
    if (fitting.length === 0) continue;
    const { prompt, answer, others } = random.pick(fitting);
    const rest = random.shuffle(others);
    return { prompt, choices: [...rest.slice(0, position), answer, ...rest.slice(position)], answer: position, topic };
  }
}
