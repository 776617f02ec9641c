// What can be asked at the end of a tale, and the sentence that answers it. Tales end with some of these sentences, and
// the cloze task stops one of them before its last word.
import { the } from './narrator.js';
import type { Scene, Series } from './scene.js';
import type { Kind } from './words.js';

/** What a question is about; a report can group accuracies by it. */
export const topics = ['holder', 'thing', 'place', 'feeling', 'cause', 'deed', 'order', 'look', 'number'] as const;
export type Topic = (typeof topics)[number];

/** A sentence is the stem, the answer, the rest; the answer is one of the words of `kind`. */
export interface Question {
  readonly topic: Topic;
  readonly kind: Kind;
  readonly stem: string;
  readonly answer: string;
  readonly rest: string;
}

type Ask = (topic: Topic, kind: Kind, stem: string, answer: string, rest?: string) => void;

function askOrder(ask: Ask, { kind, items, first, last, after }: Series): void {
  if (items.length < 3 || new Set(items).size < items.length) return;
  items.forEach((answer, index) => {
    const before = items[index - 1];
    if (before === undefined) ask('order', kind, first, answer);
    else ask('order', kind, after(before), answer);
    if (index === items.length - 1) ask('order', kind, last, answer);
  });
}

function askThings(ask: Ask, scene: Scene): void {
  for (const thing of scene.things) {
    const holder = scene.holder.get(thing);
    const place = scene.place.get(thing);
    ask('look', 'adjective', `Everybody knew that the ${thing.noun} was`, thing.adjective);
    if (holder !== undefined) {
      ask('holder', 'name', `In the end, ${the(scene, thing, true)} was with`, holder.name);
      ask('holder', 'name', `The one with ${the(scene, thing, true)} was`, holder.name);
      ask('thing', 'thing', `In the end, ${holder.name} had the ${thing.adjective}`, thing.noun);
      ask('look', 'adjective', `In the end, ${holder.name} had the`, thing.adjective, ` ${thing.noun}`);
    } else if (place !== undefined) ask('place', 'place', `In the end, ${the(scene, thing, true)} was at the`, place);
  }
}

function askPeople(ask: Ask, scene: Scene): void {
  for (const [who, { feeling, cause }] of scene.mood) {
    ask('feeling', 'feeling', `In the end, ${who.name} felt`, feeling);
    if (cause !== undefined) ask('cause', 'cause', `${who.name} felt ${feeling} because of the`, cause);
    const alike = [...scene.mood.values()].filter((other) => other.feeling === feeling);
    if (alike.length === 1) ask('feeling', 'name', `In the end, the one who felt ${feeling} was`, who.name);
  }
  for (const who of scene.cast) {
    const place = scene.place.get(who);
    if (place !== undefined) ask('place', 'place', `In the end, ${who.name} was at the`, place);
    const spot = scene.hidden.get(who);
    if (spot !== undefined) ask('place', 'spot', `${who.name} hid behind the`, spot);
    askOrder(ask, {
      kind: 'place',
      items: scene.trips.get(who) ?? [],
      first: `First of all, ${who.name} went to the`,
      last: `Last of all, ${who.name} went to the`,
      after: (place) => `Right after the ${place}, ${who.name} went to the`,
    });
  }
}

/** Every question that the scene answers with exactly one word. */
export function questionsOf(scene: Scene): Question[] {
  const questions = new Map<string, Question | undefined>();
  // A stem that two facts would complete in different ways has no single answer: it is dropped for good.
  const ask: Ask = (topic, kind, stem, answer, rest = '') => {
    const clash = questions.has(stem) && questions.get(stem)?.answer !== answer;
    questions.set(stem, clash ? undefined : { topic, kind, stem, answer, rest });
  };
  askThings(ask, scene);
  askPeople(ask, scene);
  for (const { who, what } of scene.deeds) ask('deed', 'name', `The one who ${what} was`, who.name);
  for (const series of scene.series) askOrder(ask, series);
  for (const [herd, number] of scene.counts) ask('number', 'number', `In the end, the number of ${herd} was`, number);
  for (const [creature, place] of scene.sights) ask('place', 'place', `The ${creature} was at the`, place);
  return [...questions.values()].filter((question) => question !== undefined);
}
