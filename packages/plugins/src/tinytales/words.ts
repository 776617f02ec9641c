// The words that TinyTales draws from: people, places, things and what else a story can name. Sentences are in lines.ts.

/** Somebody in a tale; `she` picks the pronoun. */
export interface Person {
  readonly name: string;
  readonly she: boolean;
}

const she = ['Mia', 'Anna', 'Lily', 'Zoe', 'Nina', 'Rosa', 'Emma', 'Lucy'];
const he = ['Tom', 'Ben', 'Max', 'Sam', 'Leo', 'Finn', 'Jack', 'Otto'];

/** Everybody who can appear; the position in this list decides which split a group of people belongs to. */
export const people: readonly Person[] = [
  ...she.map((name) => ({ name, she: true })),
  ...he.map((name) => ({ name, she: false })),
];

/** Places that read well after "at the", "to the" and "from the". */
export const places = [
  ...['park', 'mill', 'lake', 'farm', 'market', 'school', 'bridge', 'beach'],
  ...['well', 'river', 'barn', 'castle', 'tower', 'harbour', 'station', 'shop'],
] as const;

/** Places to hide, after "behind the". */
export const spots = ['tree', 'wall', 'door', 'barrel', 'bush', 'cart', 'shed', 'gate'] as const;

/** Things that somebody can hold. */
export const nouns = [
  ...['kite', 'ball', 'book', 'doll', 'drum', 'hat', 'scarf', 'lamp', 'boat', 'basket'],
  ...['bell', 'coat', 'map', 'cup', 'ring', 'rope', 'flute', 'clock', 'umbrella', 'spade'],
] as const;
export const fragile = ['lamp', 'cup', 'clock', 'drum', 'doll', 'boat', 'flute', 'kite'] as const;
export const warm = ['coat', 'hat', 'scarf'] as const;
export const light = ['hat', 'scarf', 'kite', 'map', 'umbrella', 'basket'] as const;
export const pets = ['dog', 'cat', 'rabbit', 'pony', 'parrot', 'goat'] as const;

/** One such word is tied to each thing when it first appears. */
export const adjectives = [
  ...['red', 'blue', 'green', 'yellow', 'white', 'black', 'pink', 'grey'],
  ...['big', 'small', 'old', 'new', 'round'],
] as const;

export const feelings = [
  'happy',
  'sad',
  'proud',
  'angry',
  'scared',
  'worried',
  'lonely',
  'tired',
  'hungry',
  'cold',
] as const;

/** What can move somebody, with how it reaches them. Each can cause each feeling, so the noun alone tells nothing. */
export const causes = [
  ['got', 'letter'],
  ['had', 'dream'],
  ['heard', 'song'],
  ['heard', 'story'],
  ['heard', 'noise'],
  ['saw', 'picture'],
  ['saw', 'cloud'],
  ['got', 'present'],
] as const;
export const moved = ['happy', 'sad', 'proud', 'angry', 'scared', 'worried', 'lonely'] as const;

export const foods = ['bread', 'cheese', 'soup', 'cake', 'honey', 'jam', 'rice', 'pie'] as const;
export const ingredients = [
  'flour',
  'butter',
  'sugar',
  'milk',
  'eggs',
  'salt',
  'nuts',
  'berries',
  'apples',
  'carrots',
] as const;
export const dishes = ['cake', 'pie', 'tart', 'pudding'] as const;
export const creatures = ['duck', 'fox', 'hare', 'frog', 'horse', 'swan', 'mouse', 'snail'] as const;
export const herds = ['hens', 'ducks', 'cows', 'pigs', 'sheep', 'geese', 'goats', 'horses'] as const;
export const numbers = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'] as const;

/** Jobs in the past tense, all fit after "the one who". */
export const chores = [
  ...['swept the floor', 'fed the hens', 'washed the plates', 'made the beds', 'cut the wood'],
  ...['watered the plants', 'cleaned the windows', 'painted the fence'],
] as const;

/** Kinds of answer: the wrong choices of a question come from the same kind. */
export const kinds = {
  name: people.map((person) => person.name),
  place: places,
  spot: spots,
  thing: [...nouns, ...pets],
  adjective: adjectives,
  feeling: feelings,
  cause: [
    ...new Set<string>([
      ...nouns,
      ...pets,
      ...causes.map(([, noun]) => noun),
      ...foods,
      ...dishes,
      'wind',
      'snow',
      'rain',
    ]),
  ],
  ingredient: ingredients,
  number: numbers,
} as const satisfies Record<string, readonly string[]>;
export type Kind = keyof typeof kinds;
