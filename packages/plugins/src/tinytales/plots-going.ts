// Plots across several places: a walk with something to see at each stop, and a round of deliveries.
import { feel, go, hand, own, stand } from './events.js';
import { lines } from './lines.js';
import { tell } from './narrator.js';
import type { PlotForFour, PlotForTwo } from './plots.js';
import { chance, newPlace, newThing, type Beat } from './scene.js';
import { creatures } from './words.js';

/** A walk to three or four places, with a creature at each. */
export const journey: PlotForTwo = (scene, [A, B]) => {
  const stops = Array.from({ length: chance(scene, 0.5) ? 4 : 3 }, () => newPlace(scene));
  const seen = scene.random.shuffle(creatures);
  const opening: Beat[] = [() => own(scene, A, newThing(scene)), () => stand(scene, B, newPlace(scene))];
  const middle: Beat[] = stops.map((p, index) => () => {
    const w = seen[index] ?? 'duck';
    go(scene, A, p);
    tell(scene, lines.meet, { A, w, p });
    scene.sights.set(w, p);
  });
  middle.push(() => feel(scene, A, scene.random.pick(['tired', 'happy', 'hungry'])));
  return { opening, middle };
};

/** Three things for three people in three places; who waits where is told first. */
export const delivery: PlotForFour = (scene, [A, B, C, D]) => {
  const receivers = [B, C, D].map((who) => ({ who, place: newPlace(scene), thing: newThing(scene) }));
  const opening: Beat[] = receivers.flatMap(({ who, place, thing }) => [
    () => stand(scene, who, place),
    () => own(scene, A, thing),
  ]);
  const middle: Beat[] = scene.random.shuffle(receivers).map(({ who, place, thing }) => () => {
    if (scene.place.get(A) !== place) go(scene, A, place);
    hand(scene, A, who, thing);
  });
  const { who, thing } = scene.random.pick(receivers);
  middle.push(() => feel(scene, who, 'happy', thing));
  return { opening, middle };
};
