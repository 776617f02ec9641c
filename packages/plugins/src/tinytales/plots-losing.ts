// Plots about things that go astray: a forgotten thing, a pet that runs off, the wind, bad weather.
import { carry, deed, feel, feelAbout, go, goBoth, hand, leave, own, ownAt, stand, take } from './events.js';
import { lines } from './lines.js';
import { tell } from './narrator.js';
import type { PlotForThree, PlotForTwo } from './plots.js';
import { chance, newPet, newPlace, newThing, type Beat } from './scene.js';
import { light, pets, warm } from './words.js';

/** Somebody leaves a thing at one of several places, misses it, and it comes back, or stays with its finder. */
export const lost: PlotForTwo = (scene, [A, B]) => {
  const t = newThing(scene);
  const [start, ...stops] = [newPlace(scene), newPlace(scene), newPlace(scene), newPlace(scene)];
  const lostAt = scene.random.integer(chance(scene, 0.5) ? 3 : 2);
  const walked = stops.slice(0, Math.max(2, lostAt + 1));
  const opening: Beat[] = [() => ownAt(scene, A, t, start), () => stand(scene, B, newPlace(scene))];
  const middle: Beat[] = walked.map((place, index) => () => {
    if (index <= lostAt && chance(scene, 0.6)) carry(scene, A, t, place);
    else go(scene, A, place);
    if (index === lostAt) leave(scene, A, t);
    else if (chance(scene, 0.3)) tell(scene, lines.rest, { A });
  });
  const there = stops[lostAt] ?? start;
  middle.push(() => {
    if (scene.place.get(A) === there) go(scene, A, newPlace(scene));
    tell(scene, lines.notice, { A, t });
    feel(scene, A, scene.random.pick(['sad', 'worried', 'angry']), t);
    deed(scene, A, `lost the ${t.noun}`);
  });
  if (chance(scene, 0.6)) middle.push(() => tell(scene, lines.ask, { A, B, t }));
  const finder = chance(scene, 0.5) ? A : B;
  middle.push(() => {
    if (chance(scene, 0.5)) goBoth(scene, A, B, there, true);
    else go(scene, finder, there, finder === A);
    take(scene, finder, t, true);
    deed(scene, finder, `found the ${t.noun}`);
  });
  middle.push(() => {
    if (finder === A) return feel(scene, A, 'happy', t);
    if (chance(scene, 0.3)) return tell(scene, lines.keep, { A, B, t });
    hand(scene, B, A, t, 'giveBack');
    feel(scene, A, 'happy', t);
  });
  return { opening, middle };
};

/** A pet runs off, perhaps twice, and is found by its owner or by somebody else. */
export const pet: PlotForTwo = (scene, [A, B]) => {
  const t = newPet(scene, scene.random.pick(pets));
  const [first, second] = [newPlace(scene), newPlace(scene)];
  const further = chance(scene, 0.5);
  const hideout = further ? second : first;
  const opening: Beat[] = [
    () => {
      scene.holder.set(t, A);
      tell(scene, lines.hasPet, { A, t });
    },
    () => own(scene, B, newThing(scene)),
  ];
  const middle: Beat[] = [
    () => {
      scene.holder.delete(t);
      scene.place.set(t, first);
      tell(scene, lines.petRuns, { t, p: first });
    },
  ];
  if (further) {
    middle.push(() => {
      scene.place.set(t, second);
      tell(scene, lines.petRunsOn, { t, p: second });
    });
  }
  if (chance(scene, 0.8)) middle.push(() => feel(scene, A, scene.random.pick(['sad', 'worried', 'lonely']), t));
  if (chance(scene, 0.4))
    middle.push(
      () => go(scene, A, newPlace(scene)),
      () => tell(scene, lines.notThere, { t }),
    );
  if (chance(scene, 0.15)) return { opening, middle };
  const finder = chance(scene, 0.5) ? A : B;
  middle.push(() => {
    go(scene, finder, hideout);
    scene.place.delete(t);
    scene.holder.set(t, finder);
    tell(scene, lines.petFound, { A: finder, t });
    deed(scene, finder, `found the ${t.noun}`);
  });
  if (finder === A) middle.push(() => feel(scene, A, 'happy', t));
  else if (chance(scene, 0.7)) {
    middle.push(() => {
      hand(scene, B, A, t, 'petBack');
      if (chance(scene, 0.5)) tell(scene, lines.thanks, { A, B });
      feel(scene, A, 'happy', t);
    });
  }
  return { opening, middle };
};

/** The wind carries something off; whoever gets there first has it. */
export const wind: PlotForTwo = (scene, [A, B]) => {
  const t = newThing(scene, light);
  const landing = newPlace(scene);
  const opening: Beat[] = [() => ownAt(scene, A, t, newPlace(scene)), () => stand(scene, B, newPlace(scene))];
  const middle: Beat[] = [
    () => {
      scene.holder.delete(t);
      scene.place.set(t, landing);
      tell(scene, lines.windTakes, { t, p: landing });
      feelAbout(scene, A, scene.random.pick(['sad', 'angry', 'scared']), 'wind');
    },
  ];
  if (chance(scene, 0.2)) return { opening, middle };
  const finder = chance(scene, 0.5) ? A : B;
  middle.push(() => {
    go(scene, finder, landing);
    take(scene, finder, t, true);
    deed(scene, finder, `found the ${t.noun}`);
  });
  if (finder === B && chance(scene, 0.6)) {
    middle.push(() => {
      hand(scene, B, A, t, 'giveBack');
      if (chance(scene, 0.5)) tell(scene, lines.thanks, { A, B });
      feel(scene, A, 'happy', t);
    });
  } else middle.push(() => feel(scene, finder, 'happy', t));
  return { opening, middle };
};

/** Rain or snow catches somebody out, and somebody else lends the right thing. */
export const weather: PlotForThree = (scene, [A, B, C]) => {
  const snow = chance(scene, 0.5);
  const t = newThing(scene, snow ? warm : ['umbrella']);
  const [here, there] = [newPlace(scene), newPlace(scene)];
  const opening: Beat[] = [() => stand(scene, A, here), () => own(scene, B, t), () => own(scene, C, newThing(scene))];
  const middle: Beat[] = [
    () => {
      tell(scene, snow ? lines.snow : lines.rain, {});
      tell(scene, snow ? lines.freeze : lines.wet, { A });
      feelAbout(scene, A, scene.random.pick(['cold', 'sad', 'angry']), snow ? 'snow' : 'rain');
    },
    () => {
      hand(scene, B, A, t, 'lend');
    },
    () => {
      scene.mood.delete(A);
      tell(scene, snow ? lines.wear : lines.cover, { A, t });
    },
    () => go(scene, A, there),
  ];
  if (chance(scene, 0.4)) middle.push(() => hand(scene, A, C, t));
  else if (chance(scene, 0.5)) middle.push(() => hand(scene, A, B, t, 'giveBack'));
  if (chance(scene, 0.5)) middle.push(() => feel(scene, A, 'happy', t));
  return { opening, middle };
};
