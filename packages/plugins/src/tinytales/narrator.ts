// Turns a line with slots into a sentence of the tale: names or pronouns, "a red kite" or "the kite", capitals.
// What may be said, and what it changes, is for events.ts.
import { chance, type Scene, type Thing } from './scene.js';
import type { Person } from './words.js';

/** What the slots of a line stand for: people A B C, things t u, places p q, other words w x. */
export interface Slots {
  readonly A?: Person;
  readonly B?: Person;
  readonly C?: Person;
  readonly t?: Thing;
  readonly u?: Thing;
  readonly p?: string;
  readonly q?: string;
  readonly w?: string;
  readonly x?: string;
}

const compiled = new Map<string, readonly string[]>();

/** A line cut at its braces: even positions are text, odd ones are slots. */
function parts(line: string): readonly string[] {
  let result = compiled.get(line);
  if (result === undefined) compiled.set(line, (result = line.split(/[{}]/)));
  return result;
}

function need<T>(value: T | undefined, slot: string): T {
  if (value === undefined) throw new RangeError(`a line uses the slot {${slot}}, which nothing fills`);
  return value;
}

/** Mostly "the red kite", now and then "the kite": pairs that come back are what a small model learns to look up. */
export function the(scene: Scene, thing: Thing, full = chance(scene, 0.85)): string {
  return full ? `the ${thing.adjective} ${thing.noun}` : `the ${thing.noun}`;
}

const a = (thing: Thing): string => `${thing.adjective === 'old' ? 'an' : 'a'} ${thing.adjective} ${thing.noun}`;

/** Nobody else of the same sex was in the last sentence, so a pronoun can only mean its subject. */
function clear(scene: Scene, person: Person): boolean {
  const { subject, people } = scene.focus;
  return subject === person && people.every((other) => other === person || other.she !== person.she);
}

const sameTwo = (scene: Scene, one: Person, two: Person): boolean =>
  scene.focus.subject === undefined &&
  scene.focus.people.length === 2 &&
  scene.focus.people.includes(one) &&
  scene.focus.people.includes(two);

const leads = ['Then', 'Next,', 'Soon', 'Later,', 'After that,'] as const;
const starts = ['One day,', 'One morning,', 'Once,', 'One sunny day,', 'Today,'] as const;

/** The word or words before a sentence that begins with a person; empty for most. */
function leadOf(scene: Scene, action: boolean): string {
  if (scene.sentences.length === 0) return chance(scene, 0.6) ? scene.random.pick(starts) : '';
  if (scene.aside && chance(scene, 0.4)) return 'Meanwhile,';
  return action && chance(scene, 0.25) ? scene.random.pick(leads) : '';
}

/**
 * Adds one sentence made from one of the lines. Slots: {A} {B} {C} a person, {AB} both; {he} {his} {him} for A;
 * {a t} "a red kite", {t} "the kite", {it} the same or "it"; {p} "the mill"; {w} a word as it is. Likewise u, q, x.
 */
export function tell(scene: Scene, lines: readonly string[], slots: Slots, action = false): void {
  const line = parts(scene.random.pick(lines));
  const lead = line[0] === '' && /^[ABC]/.test(line[1] ?? '') ? leadOf(scene, action) : '';
  const people: Person[] = [];
  const things: Thing[] = [];
  let text = '';
  const person = (slot: 'A' | 'B' | 'C'): string => {
    const who = need(slots[slot], slot);
    const pronoun = text === '' && clear(scene, who) && chance(scene, 0.75);
    people.push(who);
    return pronoun ? (who.she ? 'she' : 'he') : who.name;
  };
  const thing = (slot: 't' | 'u'): Thing => {
    const what = need(slots[slot], slot);
    things.push(what);
    return what;
  };
  const fill = (slot: string): string => {
    switch (slot) {
      case 'A':
      case 'B':
      case 'C':
        return person(slot);
      case 'AB': {
        const [one, two] = [need(slots.A, 'A'), need(slots.B, 'B')];
        people.push(one, two);
        return text === '' && sameTwo(scene, one, two) && chance(scene, 0.6) ? 'they' : `${one.name} and ${two.name}`;
      }
      case 'he':
        return need(slots.A, 'A').she ? 'she' : 'he';
      case 'his':
        return need(slots.A, 'A').she ? 'her' : 'his';
      case 'him':
        return need(slots.A, 'A').she ? 'her' : 'him';
      case 't':
      case 'u':
        return the(scene, thing(slot));
      case 'a t':
        return a(thing('t'));
      case 'a u':
        return a(thing('u'));
      case 'it': {
        const what = thing('t');
        return scene.focus.things.length === 1 && scene.focus.things[0] === what ? 'it' : the(scene, what);
      }
      case 'p':
      case 'q':
        return `the ${need(slots[slot], slot)}`;
      case 'w':
      case 'x':
        return need(slots[slot], slot);
      default:
        throw new RangeError(`a line has the unknown slot {${slot}}`);
    }
  };
  line.forEach((part, index) => (text += index % 2 === 0 ? part : fill(part)));
  const sentence = lead === '' ? text.charAt(0).toUpperCase() + text.slice(1) : `${lead} ${text}`;
  scene.sentences.push(sentence);
  // After two people at once, or after somebody spoke, no single person is whom "she" or "he" would mean.
  const shared = line[1] === 'AB' || line[0]?.startsWith('"') === true;
  scene.focus = { subject: shared ? undefined : people[0], people, things };
  scene.aside = false;
}
