// The little world behind one tale: who is where, who holds what, who feels what and why, and the sentences so far.
// Events change it (events.ts), questions read it (questions.ts). A scene lives for one tale and is never shared.
import type { Random } from '@espalier/core';
import { adjectives, nouns, people, places, type Kind, type Person } from './words.js';

export interface Thing {
  readonly noun: string;
  readonly adjective: string;
}

export interface Mood {
  readonly feeling: string;
  /** The noun that brought it about, where one did. */
  readonly cause: string | undefined;
}

/** Words in the order in which the tale says they came, and how to ask about that order. */
export interface Series {
  readonly kind: Kind;
  readonly items: readonly string[];
  readonly first: string;
  readonly last: string;
  readonly after: (item: string) => string;
}

/** Whom and what the last sentence was about: decides where a pronoun is clear. */
export interface Focus {
  readonly subject?: Person | undefined;
  readonly people: readonly Person[];
  readonly things: readonly Thing[];
}

export interface Scene {
  readonly random: Random;
  readonly cast: readonly Person[];
  readonly things: Thing[];
  readonly holder: Map<Thing, Person>;
  readonly place: Map<Person | Thing, string>;
  readonly mood: Map<Person, Mood>;
  readonly trips: Map<Person, string[]>;
  readonly hidden: Map<Person, string>;
  readonly deeds: { readonly who: Person; readonly what: string }[];
  readonly series: Series[];
  readonly counts: Map<string, string>;
  readonly sights: Map<string, string>;
  readonly sentences: string[];
  focus: Focus;
  /** Set when the tale turns to other people: the next sentence may open with "Meanwhile". */
  aside: boolean;
  readonly decks: { readonly nouns: string[]; readonly adjectives: string[]; readonly places: string[] };
}

/** Which texts a tale may appear in; see `splitOf`. */
export type Split = 'train' | 'validation' | 'cloze';

/** The split of a group of people: a checksum of who they are. No group is in two splits, so no tale can be either. */
export function splitOf(group: readonly Person[]): Split {
  const sum = group.reduce((total, person) => total + people.indexOf(person), 0);
  return (['validation', 'cloze'] as const)[sum % 8] ?? 'train';
}

/** A scene with `size` people who belong to `split`, and nothing told yet. */
export function createScene(random: Random, split: Split, size: number): Scene {
  let cast = random.shuffle(people).slice(0, size);
  while (splitOf(cast) !== split) cast = random.shuffle(people).slice(0, size);
  return {
    random,
    cast,
    things: [],
    holder: new Map(),
    place: new Map(),
    mood: new Map(),
    trips: new Map(),
    hidden: new Map(),
    deeds: [],
    series: [],
    counts: new Map(),
    sights: new Map(),
    sentences: [],
    focus: { people: [], things: [] },
    aside: false,
    decks: { nouns: random.shuffle(nouns), adjectives: random.shuffle(adjectives), places: random.shuffle(places) },
  };
}

function draw(deck: string[], allowed?: readonly string[]): string {
  const index = allowed === undefined ? deck.length - 1 : deck.findIndex((word) => allowed.includes(word));
  const [word] = deck.splice(index, 1);
  if (index < 0 || word === undefined) throw new RangeError('this tale has used up all its words of one sort');
  return word;
}

/** A thing not seen before in this tale: no other has its noun or its adjective. */
export function newThing(scene: Scene, allowed?: readonly string[]): Thing {
  const thing = { noun: draw(scene.decks.nouns, allowed), adjective: draw(scene.decks.adjectives) };
  scene.things.push(thing);
  return thing;
}

/** A pet counts as a thing: somebody has it, it has a look, and it can be somewhere. */
export function newPet(scene: Scene, noun: string): Thing {
  const pet = { noun, adjective: draw(scene.decks.adjectives) };
  scene.things.push(pet);
  return pet;
}

/** A place that this tale has not drawn before. */
export function newPlace(scene: Scene): string {
  return draw(scene.decks.places);
}

export function chance(scene: Scene, probability: number): boolean {
  return scene.random.uniform() < probability;
}

/** A step of a tale: changes the scene and tells so. */
export type Beat = () => void;

/** What one group of people does: facts that may come in any order, then steps that come in this order. */
export interface Thread {
  readonly opening: readonly Beat[];
  readonly middle: readonly Beat[];
}
