// The words that TinyTales draws from.

/** Somebody in a tale. */
export interface Person {
  readonly name: string;
  readonly pronoun: 'she' | 'he';
}

const girls = ['Mia', 'Anna', 'Lily', 'Zoe', 'Nina', 'Rosa', 'Emma', 'Lucy'];
const boys = ['Tom', 'Ben', 'Max', 'Sam', 'Leo', 'Finn', 'Jack', 'Otto'];

/** Everybody who can appear; the position in this list decides which split a group of people belongs to. */
export const people: readonly Person[] = [
  ...girls.map((name) => ({ name, pronoun: 'she' as const })),
  ...boys.map((name) => ({ name, pronoun: 'he' as const })),
];

/** Places that read well after "at the". */
export const places = [
  ...['park', 'mill', 'lake', 'farm', 'market', 'school', 'bridge', 'beach'],
  ...['well', 'river', 'barn', 'castle', 'tower', 'harbour', 'station', 'shop'],
] as const;

/** Things that somebody owns; none of them helps against anything. */
export const toys = [
  ...['kite', 'doll', 'drum', 'boat', 'bell', 'map', 'ring', 'rope', 'flute', 'clock', 'spade', 'mask'],
  ...['book', 'hat', 'cup', 'coin'],
] as const;

export const colours = ['red', 'blue', 'green', 'yellow', 'white', 'black', 'pink', 'grey'] as const;

/** Things that go on meanwhile and change nothing. */
export const asides = [
  'A bird sang in the tree.',
  'A dog ran by.',
  'The church bell rang.',
  'Two ducks swam past.',
  'A cat slept on the wall.',
  'A cart came down the road.',
  'The leaves moved in the wind.',
  'Somebody laughed far away.',
  'A boy sold apples.',
  'The cows stood in the grass.',
] as const;
