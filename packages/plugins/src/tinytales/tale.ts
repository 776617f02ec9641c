// The endless stream of TinyTales: seeded, split into training, validation and cloze by who appears in a tale.
import { random as seeded, type Random } from '@espalier/core';
import type { Split } from './scene.js';
import { recap, story, tokenCount } from './story.js';

/** One document. */
export interface Tale {
  readonly text: string;
}

/** The least and the most tokens of a tale (words and punctuation marks). */
export const taleLength = { least: 60, most: 200 } as const;

/** Tells one tale; tales of different splits are never about the same group of people, so none is in two splits. */
export function tale(random: Random, split: Split = 'train'): Tale {
  for (;;) {
    const told = story(random, split);
    const text = [told.body, ...recap(random, told)].join(' ');
    const length = tokenCount(text);
    if (length >= taleLength.least && length <= taleLength.most) return { text };
  }
}

/** Endless tales; tale i depends only on the seed, the split and i. */
export function* tales(seed: number, split: Split = 'train'): Generator<string, never> {
  const stream = seeded(seed).fork(split);
  for (let i = 0; ; i++) yield tale(stream.fork(i), split).text;
}
