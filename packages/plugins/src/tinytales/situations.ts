// What can happen to somebody, how it makes them feel, what helps, and how: the laws of cause and effect in TinyTales.
import type { Person } from './words.js';

export interface Situation {
  /** What happens, told in one of these ways; no sentence names the feeling or the help. */
  readonly causes: readonly ((who: Person, friend: Person) => string)[];
  readonly feeling: string;
  /** What helps, one word. */
  readonly help: string;
  /** The help with its article. */
  readonly some: string;
  /** How the help is used. */
  readonly use: (who: Person) => string;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const always =
  (text: string): Situation['causes'][number] =>
  () =>
    text;

export const situations: readonly Situation[] = [
  {
    causes: [always('It began to rain.'), ({ name }) => `The rain fell on ${name}.`],
    feeling: 'wet',
    help: 'umbrella',
    some: 'an umbrella',
    use: ({ name }) => `${name} held the umbrella up.`,
  },
  {
    causes: [always('The sun went down and it was dark.'), ({ name }) => `The light went out near ${name}.`],
    feeling: 'scared',
    help: 'lamp',
    some: 'a lamp',
    use: ({ name }) => `${name} lit the lamp.`,
  },
  {
    causes: [always('Snow fell all day.'), ({ name }) => `There was ice on the road of ${name}.`],
    feeling: 'cold',
    help: 'coat',
    some: 'a coat',
    use: ({ name, pronoun }) => `${name} put the coat on and ${pronoun} was warm.`,
  },
  {
    causes: [({ name }) => `${name} had eaten nothing all day.`, ({ name }) => `The plate of ${name} was empty.`],
    feeling: 'hungry',
    help: 'bread',
    some: 'some bread',
    use: ({ name }) => `${name} ate the bread.`,
  },
  {
    causes: [always('The day was hot and dry.'), ({ name }) => `The bottle of ${name} was empty.`],
    feeling: 'thirsty',
    help: 'water',
    some: 'some water',
    use: ({ name }) => `${name} drank the water.`,
  },
  {
    causes: [
      ({ name }) => `${name} walked up the hill all morning.`,
      ({ name }) => `${name} carried stones for hours.`,
    ],
    feeling: 'tired',
    help: 'chair',
    some: 'a chair',
    use: ({ name }) => `${name} sat down on the chair.`,
  },
  {
    causes: [({ name }) => `${name} could not open the door.`, ({ name }) => `The house of ${name} was locked.`],
    feeling: 'worried',
    help: 'key',
    some: 'a key',
    use: ({ name }) => `${name} opened the door with the key.`,
  },
  {
    causes: [
      ({ name }) => `The wind took the balloon of ${name} up to the roof.`,
      always('The kitten sat high up and cried.'),
    ],
    feeling: 'sad',
    help: 'ladder',
    some: 'a ladder',
    use: ({ name }) => `${name} climbed up the ladder and got it down.`,
  },
  {
    causes: [
      (who, friend) => `${friend.name} broke the plate of ${who.name}.`,
      ({ name }) => `The vase of ${name} fell to pieces.`,
    ],
    feeling: 'angry',
    help: 'glue',
    some: 'some glue',
    use: ({ name }) => `${name} mended it with the glue.`,
  },
  {
    causes: [({ name }) => `${name} was the first in the race.`, ({ name }) => `${name} won the game.`],
    feeling: 'proud',
    help: 'ribbon',
    some: 'a ribbon',
    use: ({ name }) => `${name} wore the ribbon.`,
  },
  {
    causes: [({ name }) => `It was the birthday of ${name}.`, ({ name }) => `All the guests sang for ${name}.`],
    feeling: 'happy',
    help: 'cake',
    some: 'a cake',
    use: ({ name }) => `${name} cut the cake.`,
  },
  {
    causes: [always('Everybody had gone away.'), ({ name }) => `Nobody came to see ${name}.`],
    feeling: 'lonely',
    help: 'letter',
    some: 'a letter',
    use: ({ name }) => `${name} read the letter twice.`,
  },
  {
    causes: [({ name }) => `${name} fell into the mud.`, ({ name }) => `${name} cleaned the oven.`],
    feeling: 'dirty',
    help: 'soap',
    some: 'some soap',
    use: ({ name }) => `${name} washed with the soap.`,
  },
  {
    causes: [
      ({ name }) => `${name} coughed all night.`,
      ({ name, pronoun }) => `${name} sneezed and ${pronoun} sneezed again.`,
    ],
    feeling: 'ill',
    help: 'tea',
    some: 'some tea',
    use: ({ name }) => `${name} drank the tea and went to bed.`,
  },
  {
    causes: [always('There was nothing to do.'), ({ name }) => `${name} looked out of the window all day.`],
    feeling: 'bored',
    help: 'puzzle',
    some: 'a puzzle',
    use: ({ name, pronoun }) => `${capital(pronoun)} took the puzzle, and ${name} played for hours.`,
  },
  {
    causes: [({ name }) => `A bee stung ${name}.`, ({ name }) => `${name} fell off the wall.`],
    feeling: 'hurt',
    help: 'bandage',
    some: 'a bandage',
    use: ({ name }) => `${name} put the bandage on.`,
  },
];
