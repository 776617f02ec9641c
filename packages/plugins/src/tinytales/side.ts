// What the people outside the plot do meanwhile: a few facts and small events that keep a reader from guessing.
import { carry, feel, go, hand, leave, lookFor, mention, move, own, ownAt, stand } from './events.js';
import { chance, newPlace, newThing, type Beat, type Scene, type Thread } from './scene.js';
import { moved, type Person } from './words.js';

/** Somebody has a thing, and may take it somewhere and leave it there. */
function carrier(scene: Scene, A: Person): Thread {
  const thing = newThing(scene);
  const opening: Beat[] = [() => own(scene, A, thing)];
  const middle: Beat[] = [];
  if (chance(scene, 0.7)) middle.push(() => carry(scene, A, thing, newPlace(scene)));
  if (middle.length > 0 && chance(scene, 0.5)) middle.push(() => leave(scene, A, thing));
  if (chance(scene, 0.25)) middle.push(() => mention(scene, thing));
  return { opening, middle };
}

/** Somebody is somewhere, and something moves them. */
function dreamer(scene: Scene, A: Person): Thread {
  return { opening: [() => stand(scene, A, newPlace(scene))], middle: [() => move(scene, A)] };
}

/** Somebody has a thing at one place and walks on to another. */
function walker(scene: Scene, A: Person): Thread {
  const thing = newThing(scene);
  return {
    opening: [() => ownAt(scene, A, thing, newPlace(scene))],
    middle: chance(scene, 0.5)
      ? [() => go(scene, A, newPlace(scene))]
      : [() => feel(scene, A, scene.random.pick(moved), thing, true)],
  };
}

/** Two people, and a thing that goes from the one to the other. */
function pair(scene: Scene, A: Person, B: Person): Thread {
  const thing = newThing(scene);
  const opening: Beat[] = [() => own(scene, A, thing), () => stand(scene, B, newPlace(scene))];
  const middle: Beat[] = [() => hand(scene, A, B, thing)];
  if (chance(scene, 0.4)) middle.push(() => feel(scene, B, scene.random.pick(['happy', 'proud']), thing));
  else if (chance(scene, 0.3)) middle.push(() => mention(scene, thing));
  return { opening, middle };
}

/** Threads for everybody in the list, so that each of them is named. */
export function sideThreads(scene: Scene, people: readonly Person[]): Thread[] {
  const threads: Thread[] = [];
  let rest = people;
  for (;;) {
    const [A, B, ...others] = rest;
    if (A === undefined) return threads;
    if (B !== undefined && chance(scene, 0.5)) {
      threads.push(pair(scene, A, B));
      rest = others;
    } else {
      threads.push(scene.random.pick([carrier, dreamer, walker])(scene, A));
      rest = rest.slice(1);
    }
  }
}

/** Now and then somebody asks for somebody else. */
export function talk(scene: Scene): Thread[] {
  const count = [0, 0, 1, 1, 2][scene.random.integer(5)] ?? 0;
  return Array.from({ length: count }, () => ({ opening: [], middle: [() => lookFor(scene)] }));
}
