// Plots in which things change hands: presents, trades, a loan, food, something broken and mended.
import { deed, feel, feelAbout, go, hand, move, own, ownAt, stand, trade } from './events.js';
import { lines } from './lines.js';
import { tell } from './narrator.js';
import type { PlotForThree } from './plots.js';
import { chance, newPlace, newThing, type Beat } from './scene.js';
import { foods, fragile } from './words.js';

/** Somebody is low, and somebody else buys a present; sometimes a second one for a third. */
export const gift: PlotForThree = (scene, [A, B, C]) => {
  const [t, u] = [newThing(scene), newThing(scene)];
  const [home, shop] = [newPlace(scene), newPlace(scene)];
  const two = chance(scene, 0.5);
  const buy = (thing: typeof t): void => {
    scene.holder.set(thing, A);
    tell(scene, lines.buy, { A, t: thing, p: shop });
    deed(scene, A, `bought the ${thing.noun}`);
  };
  const opening: Beat[] = [
    () => stand(scene, B, home),
    () => (two ? stand(scene, C, newPlace(scene)) : own(scene, C, u)),
  ];
  const middle: Beat[] = [
    () => move(scene, B, ['sad', 'lonely', 'scared', 'worried']),
    () => {
      go(scene, A, shop);
      buy(t);
    },
  ];
  const gifts: Beat[] = [() => hand(scene, A, B, t)];
  if (two) {
    middle.push(() => buy(u));
    gifts.push(() => hand(scene, A, C, u));
  }
  middle.push(...scene.random.shuffle(gifts), () => feel(scene, B, 'happy', t));
  if (chance(scene, 0.5)) middle.push(() => tell(scene, lines.thanks, { A: B, B: A }));
  return { opening, middle };
};

/** Three people, three things, two or three trades. */
export const trades: PlotForThree = (scene, [A, B, C]) => {
  const [t, u, v] = [newThing(scene), newThing(scene), newThing(scene)];
  const opening: Beat[] = [
    () => own(scene, A, t),
    () => (chance(scene, 0.5) ? own(scene, B, u) : ownAt(scene, B, u, newPlace(scene))),
    () => own(scene, C, v),
  ];
  const middle: Beat[] = [
    () => {
      if (chance(scene, 0.5)) tell(scene, lines.offer, { A, B, t, u });
      trade(scene, A, B, t, u);
    },
    () => (chance(scene, 0.5) ? trade(scene, A, C, u, v) : trade(scene, C, B, v, t)),
  ];
  if (chance(scene, 0.4)) middle.push(() => go(scene, C, newPlace(scene)));
  middle.push(() => {
    const [mine] = [...scene.holder].filter(([, holder]) => holder === A).map(([thing]) => thing);
    feel(scene, A, scene.random.pick(['happy', 'proud', 'sad']), mine, true);
  });
  return { opening, middle };
};

/** Somebody is hungry; the first one asked cannot help, the second one shares. */
export const hunger: PlotForThree = (scene, [A, B, C]) => {
  const [none = '', some = ''] = scene.random.shuffle(foods);
  const [here, there] = [newPlace(scene), newPlace(scene)];
  const refused = chance(scene, 0.6);
  const [giver, food] = refused ? [C, some] : [B, none];
  const opening: Beat[] = [
    () => stand(scene, A, newPlace(scene)),
    () => {
      stand(scene, B, here);
      tell(scene, lines.hasFood, { A: B, w: none });
    },
    () => tell(scene, lines.hasFood, { A: C, w: some }),
  ];
  const middle: Beat[] = [
    () => {
      scene.mood.set(A, { feeling: 'hungry', cause: undefined });
      tell(scene, lines.hungry, { A });
    },
    () => {
      go(scene, A, here);
      tell(scene, lines.askFood, { A, B });
      if (refused) tell(scene, lines.noFood, { A, B, w: none });
    },
  ];
  if (refused) middle.push(() => go(scene, A, there));
  if (refused && chance(scene, 0.5)) middle.push(() => tell(scene, lines.askFood, { A, B: C }));
  middle.push(
    () => {
      tell(scene, lines.share, { A, B: giver, w: food });
      deed(scene, giver, `shared the ${food}`);
    },
    () => {
      tell(scene, lines.ate, { A, w: food });
      deed(scene, A, `ate the ${food}`);
      feelAbout(scene, A, 'happy', food);
    },
  );
  return { opening, middle };
};

/** A loan that goes from hand to hand before it comes back, or does not. */
export const borrow: PlotForThree = (scene, [A, B, C]) => {
  const [t, u] = [newThing(scene), newThing(scene)];
  const opening: Beat[] = [() => own(scene, A, t), () => stand(scene, B, newPlace(scene)), () => own(scene, C, u)];
  const middle: Beat[] = [() => hand(scene, A, B, t, 'lend'), () => go(scene, B, newPlace(scene))];
  if (chance(scene, 0.4)) middle.push(() => tell(scene, lines.rest, { A: B }));
  const passed = chance(scene, 0.6);
  if (passed) middle.push(() => hand(scene, B, C, t));
  if (chance(scene, 0.5)) middle.push(() => tell(scene, lines.notice, { A, t }));
  const keeper = passed ? C : B;
  if (chance(scene, 0.6))
    middle.push(
      () => hand(scene, keeper, A, t, 'giveBack'),
      () => feel(scene, A, 'happy', t),
    );
  else middle.push(() => feel(scene, A, scene.random.pick(['sad', 'angry', 'worried']), t));
  return { opening, middle };
};

/** Somebody breaks another's thing; a third mends it, and it goes back, or stays. */
export const mended: PlotForThree = (scene, [A, B, C]) => {
  const t = newThing(scene, fragile);
  const opening: Beat[] = [
    () => own(scene, B, t),
    () => stand(scene, A, newPlace(scene)),
    () => (chance(scene, 0.5) ? stand(scene, C, newPlace(scene)) : own(scene, C, newThing(scene))),
  ];
  const middle: Beat[] = [
    () => {
      if (chance(scene, 0.5)) hand(scene, B, A, t, 'lend');
      else {
        scene.holder.set(t, A);
        tell(scene, lines.borrowBroken, { A, B, t });
      }
      tell(scene, lines.breaks, { A, t });
      deed(scene, A, `broke the ${t.noun}`);
    },
    () => {
      feel(scene, B, scene.random.pick(['sad', 'angry']), t);
      if (chance(scene, 0.5)) tell(scene, lines.sorry, { A, B });
    },
    () => {
      if (chance(scene, 0.4)) tell(scene, lines.canMend, { A: C });
      hand(scene, A, C, t);
    },
    () => {
      tell(scene, lines.mend, { A: C, t });
      deed(scene, C, `mended the ${t.noun}`);
    },
  ];
  if (chance(scene, 0.6))
    middle.push(
      () => hand(scene, C, B, t, 'giveBack'),
      () => feel(scene, B, 'happy', t),
    );
  else if (chance(scene, 0.5)) middle.push(() => tell(scene, lines.keep, { A: B, B: C, t }));
  if (chance(scene, 0.3)) middle.push(() => feel(scene, C, 'proud', t));
  return { opening, middle };
};
