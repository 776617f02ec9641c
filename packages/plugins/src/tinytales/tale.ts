// Tells tales: four people with their things, one or two of them in a situation with its cause, effect and remedy, and
// closing sentences about facts from the beginning. What can be asked about a tale is recorded as it is told.
import { at, random as seeded, type Random } from '@espalier/core';
import { situations, type Situation } from './situations.js';
import { asides, colours, people, places, toys, type Person } from './words.js';

/** One document. */
export interface Tale {
  readonly text: string;
}

/** The least and the most tokens of a tale (words and punctuation marks). */
export const taleLength = { least: 60, most: 200 } as const;

/** Which texts a tale may appear in; see `splitOf`. */
export type Split = 'train' | 'validation' | 'cloze';

/** What can be asked: how somebody feels, what they need, what they own, where they are. */
export const topics = ['effect', 'need', 'thing', 'place'] as const;
/** What is asked about a tale. */
export type Topic = (typeof topics)[number];

/** A sentence of a tale that stops before its last word, and the words of its kind that the tale names. */
export interface Question {
  readonly topic: Topic;
  /** The tale up to the missing word. */
  readonly prompt: string;
  readonly answer: string;
  /** Three other words of the kind, all named before. */
  readonly others: readonly string[];
}

/** A tale and what it answers. */
export interface Story {
  readonly text: string;
  readonly questions: readonly Question[];
}

/** The split of a group of people: a checksum of who they are. No group is in two splits, so no tale can be either. */
export function splitOf(group: readonly Person[]): Split {
  const sum = group.reduce((total, person) => total + people.indexOf(person), 0);
  return sum % 8 === 0 ? 'validation' : sum % 8 === 1 ? 'cloze' : 'train';
}

const CAST = 4;

interface Owner {
  readonly person: Person;
  readonly place: string;
  readonly colour: string;
  readonly toy: string;
}

/** Tells one story about people of a split. */
export function story(random: Random, split: Split): Story {
  let cast = random.shuffle(people).slice(0, CAST);
  while (splitOf(cast) !== split) cast = random.shuffle(people).slice(0, CAST);
  const [where, hues, things] = [random.shuffle(places), random.shuffle(colours), random.shuffle(toys)];
  const owners = cast.map((person, index): Owner => {
    return { person, place: at(where, index), colour: at(hues, index), toy: at(things, index) };
  });
  const laws = random.shuffle(situations).slice(0, CAST);
  const sentences: string[] = random.shuffle(owners).map((owner) => introduction(random, owner));
  const questions: Question[] = [];
  const ask = (topic: Topic, stem: string, answer: string, kind: readonly string[]): void => {
    const others = kind.filter((word) => word !== answer);
    questions.push({ topic, prompt: [...sentences, stem].join(' '), answer, others });
    sentences.push(`${stem} ${answer}.`);
  };
  sentences.push(memory(random, cast, laws), supplies(random, laws));
  const troubled = random.shuffle(cast).slice(0, random.pick([1, 1, 2]));
  troubled.forEach((who, index) => {
    const law = laws[index];
    const friend = random.pick(cast.filter((own) => own !== who));
    if (law !== undefined) chain(random, sentences, ask, { who, friend, law, laws });
  });
  for (const { person, place, colour, toy } of random.shuffle(owners).slice(0, random.pick([2, 3, 4]))) {
    if (random.uniform() < 0.6)
      ask(
        'thing',
        `In the end, ${person.name} had the ${colour}`,
        toy,
        owners.map((own) => own.toy),
      );
    else
      ask(
        'place',
        `In the end, ${person.name} was at the`,
        place,
        owners.map((own) => own.place),
      );
  }
  return { text: sentences.join(' '), questions };
}

function introduction(random: Random, { person: { name }, place, colour, toy }: Owner): string {
  return random.pick([
    `${name} was at the ${place} with a ${colour} ${toy}.`,
    `At the ${place} sat ${name} with a ${colour} ${toy}.`,
    `${name} had a ${colour} ${toy} and was at the ${place}.`,
  ]);
}

/** Names every feeling that may be asked for, so that having been named tells nothing. */
function memory(random: Random, cast: readonly Person[], laws: readonly Situation[]): string {
  const [a, b, c, d] = random.shuffle(laws).map(({ feeling }, index) => `${at(cast, index).name} was ${feeling}`);
  return `${random.pick(['Yesterday', 'Last week', 'A year ago'])} ${a}, ${b}, ${c} and ${d}.`;
}

/** Names everything that may help, likewise. */
function supplies(random: Random, laws: readonly Situation[]): string {
  const [a, b, c, d] = random.shuffle(laws).map(({ some }) => some);
  return `In the ${random.pick(['basket', 'box', 'bag', 'kitchen'])} there were ${a}, ${b}, ${c} and ${d}.`;
}

interface Trouble {
  readonly who: Person;
  readonly friend: Person;
  readonly law: Situation;
  readonly laws: readonly Situation[];
}

/** Cause, effect, need and remedy, with time passing between them. */
function chain(
  random: Random,
  sentences: string[],
  ask: (topic: Topic, stem: string, answer: string, kind: readonly string[]) => void,
  { who, friend, law, laws }: Trouble,
): void {
  const pause = (): void => {
    if (random.uniform() < 0.5) sentences.push(random.pick(asides));
  };
  sentences.push(`${random.pick(['Then', 'Today', 'This morning'])} something happened to ${who.name}.`);
  sentences.push(random.pick(law.causes)(who, friend));
  pause();
  ask(
    'effect',
    `${who.name} felt`,
    law.feeling,
    laws.map(({ feeling }) => feeling),
  );
  pause();
  ask(
    'need',
    `${who.name} asked ${friend.name} for the`,
    law.help,
    laws.map(({ help }) => help),
  );
  sentences.push(random.pick([`${friend.name} brought it.`, `${friend.name} came with it.`]), law.use(who));
}

const token = /[A-Za-z]+|[^A-Za-z ]/g;

/** The number of tokens of a tale: its words and punctuation marks. */
export function tokenCount(text: string): number {
  return text.match(token)?.length ?? 0;
}

/** Tells one tale; tales of different splits are never about the same group of people. */
export function tale(random: Random, split: Split = 'train'): Tale {
  for (;;) {
    const { text } = story(random, split);
    const length = tokenCount(text);
    if (length >= taleLength.least && length <= taleLength.most) return { text };
  }
}

/** Endless tales; tale i depends only on the seed, the split and i. */
export function* tales(seed: number, split: Split = 'train'): Generator<string, never> {
  const stream = seeded(seed).fork(split);
  for (let i = 0; ; i++) yield tale(stream.fork(i), split).text;
}
