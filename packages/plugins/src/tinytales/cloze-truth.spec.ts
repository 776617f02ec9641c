// Cloze answers against a second reading of the tale: patterns over its sentences, which know nothing of the simulation.
import { expect, test } from 'vitest';
import { clozeItems } from './cloze.js';
import { herds, nouns, numbers, people, pets, places } from './words.js';

const items = clozeItems(3, 1800).map(({ prompt, choices, answer }) => ({ prompt, answer: choices[answer] }));

const NAME = `(${people.map(({ name }) => name).join('|')})`;
const THING = `(?:it|(?:the|an?) (?:\\w+ )?(${[...nouns, ...pets].join('|')}))`;
const PLACE = `(?:at|to) the (${places.join('|')})`;
const all = (text: string, pattern: string): string[] =>
  [...text.matchAll(new RegExp(pattern, 'gi'))].flatMap((match) => match.slice(1)).filter(Boolean);

/** The sentences with speech left out, and a pronoun at the beginning replaced by those whom it stands for. */
function sentencesOf(text: string): string[] {
  const read: string[] = [];
  for (const sentence of text.replaceAll(/"[^"]*" /g, '').split(/(?<=[.!?]) /)) {
    const before = all(read.at(-1) ?? '', NAME);
    read.push(
      sentence.replace(/^(.*?)\b(they|she|he)\b/i, (_, lead: string, pronoun: string) => {
        const whom = pronoun.toLowerCase() === 'they' ? before.slice(0, 2).join(' and ') : before[0];
        return `${lead}${all(lead, NAME).length > 0 ? pronoun : (whom ?? pronoun)}`;
      }),
    );
  }
  return read;
}

/** Patterns of sentences that change who has what, each with its groups for the thing and for the name, if any. */
const changes: readonly (readonly [pattern: string, thing: number, name?: number])[] = [
  [`${NAME} (?:had|owned|bought|found|saw|picked up|picked|took|lived with) ${THING}`, 2, 1],
  [`${NAME} (?:was ${PLACE}|played) with ${THING}`, 3, 1],
  [`${THING} (?:belonged to|lived with) ${NAME}`, 1, 2],
  [`(?:gave|handed|lent|brought|took) ${THING} (?:back |home )?to ${NAME}`, 1, 2],
  [`(?:gave|lent) ${NAME} ${THING}`, 2, 1],
  [`${NAME} got ${THING}`, 2, 1],
  [`${NAME} asked for ${THING}, and`, 2, 1],
  [`${NAME} (?:asked ${NAME} for|played with) ${THING}, and`, 3, 1],
  [`${NAME} gave ${NAME} ${THING} for ${THING}`, 4, 1],
  [`${NAME} got ${THING} from ${NAME} for ${THING}`, 4, 3],
  [`^(?:It went to|That was) ${NAME}`, 0, 1],
  [`(?:left|forgot|put) ${THING} (?:down )?at`, 1],
  [`wind (?:took|blew) ${THING}`, 1],
  [`${THING}(?:, and it| ran|.* was gone)`, 1],
];

function holdersOf(text: string): Map<string, string | undefined> {
  const holders = new Map<string, string | undefined>();
  let topic = '';
  for (const sentence of sentencesOf(text)) {
    const [first] = all(sentence, THING);
    for (const [pattern, thing, name] of changes) {
      const match = new RegExp(pattern, 'i').exec(sentence);
      if (match !== null)
        holders.set((thing > 0 ? match[thing] : undefined) ?? topic, name === undefined ? undefined : match[name]);
    }
    topic = first ?? topic;
  }
  return holders;
}

/** Where each person is at the end: the last place in the last sentence that begins with them. */
function placesOf(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const sentence of sentencesOf(text)) {
    const place = all(sentence, PLACE).at(-1);
    const [one, two] = all(sentence, `${NAME}(?: and ${NAME})?`);
    const subjects = new RegExp(`${NAME} and ${NAME}`).test(sentence) ? [one, two] : [one];
    if (place !== undefined) for (const name of subjects) if (name !== undefined) found.set(name, place);
  }
  return found;
}

/** Items whose prompt ends as the pattern says and whose answer the reading does not share. */
function disagreements(ending: RegExp, read: (text: string, about: string) => string | undefined): readonly unknown[] {
  const asked = items.flatMap(({ prompt, answer }) => {
    const match = ending.exec(prompt);
    return match === null ? [] : [{ text: prompt.slice(0, match.index), about: match[1] ?? '', answer }];
  });
  expect(asked.length).toBeGreaterThan(40);
  return asked.filter(({ text, about, answer }) => read(text, about) !== answer);
}

test('a second reading agrees about who has a thing', () => {
  expect(disagreements(/In the end, the \w+ (\w+) was with$/, (text, noun) => holdersOf(text).get(noun))).toEqual([]);
  expect(disagreements(/The one with the \w+ (\w+) was$/, (text, noun) => holdersOf(text).get(noun))).toEqual([]);
});

test('a second reading agrees about where somebody is', () => {
  expect(disagreements(/In the end, ([A-Z]\w+) was at the$/, (text, name) => placesOf(text).get(name))).toEqual([]);
});

test('a second reading agrees about how a thing looks', () => {
  const look = (text: string, noun: string): string | undefined => all(text, `\\ban? (\\w+) ${noun}`)[0];
  expect(disagreements(/Everybody knew that the (\w+) was$/, look)).toEqual([]);
});

test('a second reading agrees about numbers', () => {
  const count = (text: string, herd: string): string | undefined =>
    all(text, `(?:there were|saw|counted) (${numbers.join('|')}) ${herd}|(${numbers.join('|')}) ${herd} at the`).at(-1);
  expect(herds.length).toBeGreaterThan(4);
  expect(disagreements(/In the end, the number of (\w+) was$/, count)).toEqual([]);
});
