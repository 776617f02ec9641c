// What can happen in a tale. Each event checks that it can happen, changes the scene, and tells so; plots join them.
import { tell, the } from './narrator.js';
import { lines } from './lines.js';
import type { Scene, Thing } from './scene.js';
import { causes, moved, type Person } from './words.js';

function check(holds: boolean, event: string): void {
  if (!holds) throw new RangeError(`the event "${event}" cannot happen in this scene`);
}

export function own(scene: Scene, A: Person, t: Thing): void {
  check(!scene.holder.has(t), 'own');
  scene.holder.set(t, A);
  tell(scene, lines.own, { A, t });
}

export function ownAt(scene: Scene, A: Person, t: Thing, p: string): void {
  check(!scene.holder.has(t), 'ownAt');
  scene.holder.set(t, A);
  scene.place.set(A, p);
  tell(scene, lines.ownAt, { A, t, p });
}

export function stand(scene: Scene, A: Person, p: string): void {
  scene.place.set(A, p);
  tell(scene, lines.stand, { A, p });
}

/** Notes that somebody came to a place, without telling. */
function arrive(scene: Scene, who: Person, p: string): void {
  check(scene.place.get(who) !== p, 'go');
  scene.place.set(who, p);
  const trip = scene.trips.get(who);
  if (trip === undefined) scene.trips.set(who, [p]);
  else trip.push(p);
}

export function go(scene: Scene, A: Person, p: string, back = false): void {
  const q = scene.place.get(A);
  arrive(scene, A, p);
  if (q !== undefined && !back && scene.random.uniform() < 0.3) tell(scene, lines.goFrom, { A, p, q }, true);
  else tell(scene, back ? lines.goBack : lines.go, { A, p }, true);
}

export function goBoth(scene: Scene, A: Person, B: Person, p: string, back = false): void {
  for (const who of [A, B]) if (scene.place.get(who) !== p) arrive(scene, who, p);
  tell(scene, back ? lines.goBackBoth : lines.goBoth, { A, B, p }, true);
}

/** Goes somewhere with a thing in hand. */
export function carry(scene: Scene, A: Person, t: Thing, p: string): void {
  check(scene.holder.get(t) === A, 'carry');
  arrive(scene, A, p);
  tell(scene, lines.carry, { A, t, p }, true);
}

/** Picks up a thing that nobody holds; where its place is known, only there. */
export function take(scene: Scene, A: Person, t: Thing, found = false): void {
  const place = scene.place.get(t);
  check(!scene.holder.has(t) && (place === undefined || place === scene.place.get(A)), 'take');
  scene.place.delete(t);
  scene.holder.set(t, A);
  tell(scene, found ? lines.find : lines.take, { A, t }, true);
}

/** Puts a thing down where its holder is. */
export function leave(scene: Scene, A: Person, t: Thing): void {
  const p = scene.place.get(A);
  check(scene.holder.get(t) === A && p !== undefined, 'leave');
  if (p === undefined) return;
  scene.holder.delete(t);
  scene.place.set(t, p);
  tell(scene, lines.leave, { A, t, p }, true);
}

/** Where both are known to be in different places, A goes to B first. */
function meet(scene: Scene, A: Person, B: Person): void {
  const [here, there] = [scene.place.get(A), scene.place.get(B)];
  if (here !== undefined && there !== undefined && here !== there) {
    arrive(scene, A, there);
    tell(scene, lines.goTo, { A, B, p: there }, true);
  }
}

export function hand(
  scene: Scene,
  A: Person,
  B: Person,
  t: Thing,
  how: 'give' | 'giveBack' | 'lend' | 'petBack' = 'give',
): void {
  check(scene.holder.get(t) === A && A !== B, how);
  meet(scene, A, B);
  scene.holder.set(t, B);
  if (how === 'give') deed(scene, A, `gave ${the(scene, t, false)} to ${B.name}`);
  tell(scene, lines[how], { A, B, t }, how === 'give');
}

export function trade(scene: Scene, A: Person, B: Person, t: Thing, u: Thing): void {
  check(scene.holder.get(t) === A && scene.holder.get(u) === B, 'trade');
  meet(scene, A, B);
  scene.holder.set(t, B);
  scene.holder.set(u, A);
  tell(scene, lines.trade, { A, B, t, u }, true);
}

/** A feeling brought about by a thing, or by nothing in particular; `plain` says why even where the story shows it. */
export function feel(scene: Scene, A: Person, feeling: string, t?: Thing, plain = false): void {
  scene.mood.set(A, { feeling, cause: t?.noun });
  if (t !== undefined && (plain || scene.random.uniform() < 0.3)) tell(scene, lines.feelBecause, { A, w: feeling, t });
  else tell(scene, lines.feel, { A, w: feeling });
}

/** A feeling brought about by something that is only a word: food, weather. */
export function feelAbout(scene: Scene, A: Person, feeling: string, noun: string): void {
  scene.mood.set(A, { feeling, cause: noun });
  if (scene.random.uniform() < 0.3) tell(scene, lines.feelBecauseWord, { A, w: feeling, x: noun });
  else tell(scene, lines.feel, { A, w: feeling });
}

/** A letter, a dream or the like reaches somebody and moves them. */
export function move(scene: Scene, A: Person, allowed: readonly string[] = moved): void {
  const [verb, noun] = scene.random.pick(causes);
  const feeling = scene.random.pick(allowed);
  tell(scene, lines.moved, { A, w: verb, x: noun });
  scene.mood.set(A, { feeling, cause: noun });
  tell(scene, lines.feelMade, { A, w: feeling });
}

export function deed(scene: Scene, who: Person, what: string): void {
  scene.deeds.push({ who, what });
}

/** Two people talk about a thing of a third: where it is now, or who has it. */
export function mention(scene: Scene, t: Thing): void {
  const C = scene.holder.get(t);
  const p = scene.place.get(t);
  const [A, B] = scene.random.shuffle(scene.cast.filter((person) => person !== C));
  if (A === undefined || B === undefined) return;
  if (C !== undefined) tell(scene, lines.whoHas, { A, B, C, t });
  else if (p !== undefined) tell(scene, lines.whereIs, { A, B, t, p });
}

/** Two people talk about where a third is, as far as the tale has said. */
export function lookFor(scene: Scene): void {
  const [C] = scene.random.shuffle(scene.cast.filter((person) => scene.place.has(person)));
  const [A, B] = scene.random.shuffle(scene.cast.filter((person) => person !== C));
  const p = C === undefined ? undefined : scene.place.get(C);
  if (A !== undefined && B !== undefined && C !== undefined && p !== undefined)
    tell(scene, lines.whereAre, { A, B, C, p });
}
