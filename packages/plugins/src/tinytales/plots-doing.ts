// Plots about doing something in an order or in a number: cooking, jobs, a locked box, hide and seek, a race, counting.
import { deed, feel, feelAbout, go, hand, own, ownAt, stand } from './events.js';
import { lines } from './lines.js';
import { tell } from './narrator.js';
import type { PlotForFour, PlotForThree, PlotForTwo } from './plots.js';
import { chance, newPlace, newThing, type Beat } from './scene.js';
import { chores, dishes, herds, ingredients, numbers, spots } from './words.js';

/** Friends bring the parts of a dish, and they go into the bowl in some other order. */
export const recipe: PlotForThree = (scene, [A, B, C]) => {
  const dish = scene.random.pick(dishes);
  const parts = scene.random.shuffle(ingredients).slice(0, chance(scene, 0.6) ? 4 : 3);
  const bringers = scene.random.shuffle(parts.length === 4 ? [A, B, C, C] : [A, B, C]);
  const opening: Beat[] = [() => tell(scene, lines.cook, { A, w: dish })];
  const brought = parts.map((part, index) => () => {
    const who = bringers[index] ?? A;
    tell(scene, lines.bring, { A: who, w: part });
    deed(scene, who, `brought the ${part}`);
  });
  const middle: Beat[] = scene.random.shuffle(brought);
  const mixed = parts.map((w, index) => () => {
    const lastLines = index === parts.length - 1 && chance(scene, 0.6) ? lines.finish : lines.later;
    tell(scene, index === 0 ? lines.first : lastLines, { A, w, x: parts[index - 1] ?? w });
  });
  middle.push(...mixed, () => {
    const eater = scene.random.pick([B, C]);
    tell(scene, lines.serve, { A, B: eater, w: dish });
    feelAbout(scene, scene.random.pick([A, eater]), scene.random.pick(['happy', 'proud']), dish);
    scene.series.push({
      kind: 'ingredient',
      items: parts,
      first: 'The first thing in the bowl was the',
      last: 'The last thing in the bowl was the',
      after: (item) => `In the bowl, right after the ${item} came the`,
    });
  });
  return { opening, middle };
};

/** Everybody does a job, and one of them is rewarded for it. */
export const work: PlotForFour = (scene, [A, B, C, D]) => {
  const [one = '', two = '', three = ''] = scene.random.shuffle(chores);
  const jobs = [
    [A, one],
    [B, two],
    [C, three],
  ] as const;
  const t = newThing(scene);
  const [paid, job] = scene.random.pick(jobs);
  const middle: Beat[] = jobs.map(([who, w]) => () => {
    tell(scene, lines.job, { A: who, w }, true);
    deed(scene, who, w);
  });
  middle.push(
    () => {
      scene.holder.set(t, paid);
      tell(scene, lines.reward, { A: paid, B: D, t, w: job });
    },
    () => feel(scene, paid, scene.random.pick(['happy', 'proud']), t),
  );
  if (chance(scene, 0.3)) {
    const tired = scene.random.pick([A, B, C].filter((who) => who !== paid));
    middle.push(() => feel(scene, tired, 'tired'));
  }
  const opening: Beat[] = [
    () => {
      stand(scene, D, newPlace(scene));
      tell(scene, lines.helper, { B: D });
    },
  ];
  return { opening, middle };
};

/** A locked box in one place, its key in another, and somebody for whom the content is. */
export const box: PlotForThree = (scene, [A, B, C]) => {
  const t = newThing(scene);
  const [here, there] = [newPlace(scene), newPlace(scene)];
  const opening: Beat[] = [
    () => {
      tell(scene, lines.box, { p: here });
      tell(scene, lines.hasKey, { A: B });
    },
    () => own(scene, C, newThing(scene)),
  ];
  const middle: Beat[] = [
    () => {
      go(scene, A, here);
      tell(scene, lines.tryBox, { A });
    },
  ];
  const fetched = chance(scene, 0.5);
  const opener = fetched ? A : B;
  if (fetched) {
    opening.push(() => stand(scene, B, there));
    middle.push(
      () => go(scene, A, there),
      () => tell(scene, ['{A} got the key from {B}.', '{B} gave {A} the key.'], { A, B }),
      () => go(scene, A, here, true),
    );
  } else middle.push(() => go(scene, B, here));
  middle.push(() => {
    tell(scene, lines.open, { A: opener });
    deed(scene, opener, 'opened the box');
    tell(scene, lines.inside, { t });
    tell(scene, lines.take, { A: opener, t });
    scene.holder.set(t, opener);
  });
  const heir = scene.random.pick([A, B, C]);
  if (heir !== opener) middle.push(() => hand(scene, opener, heir, t));
  middle.push(() => feel(scene, heir, 'happy', t));
  return { opening, middle };
};

/** Three hide, one seeks and finds them in an order of their own. */
export const hide: PlotForFour = (scene, [A, B, C, D]) => {
  const [x = '', y = '', z = '', empty = ''] = scene.random.shuffle(spots);
  const hiders = [
    [B, x],
    [C, y],
    [D, z],
  ] as const;
  const found = scene.random.shuffle(hiders);
  const middle: Beat[] = [
    () => tell(scene, lines.count, { A, w: scene.random.pick(numbers.slice(4)) }),
    () => {
      for (const [who, spot] of scene.random.shuffle(hiders)) {
        scene.hidden.set(who, spot);
        tell(scene, lines.hide, { A: who, w: spot });
      }
    },
  ];
  const looks: Beat[] = found.map(
    ([who, spot]) =>
      () =>
        tell(scene, lines.seek, { A, B: who, w: spot }, true),
  );
  looks.splice(scene.random.integer(3), 0, () => tell(scene, lines.empty, { A, w: empty }));
  middle.push(...looks, () => {
    scene.series.push({
      kind: 'name',
      items: found.map(([who]) => who.name),
      first: 'The first to be found was',
      last: 'The last to be found was',
      after: (item) => `Right after ${item}, the next to be found was`,
    });
  });
  return { opening: [() => tell(scene, lines.play, { A })], middle };
};

/** A race whose places are told out of order, and a prize for the first. */
export const race: PlotForFour = (scene, [A, B, C, D]) => {
  const t = newThing(scene);
  const goal = newPlace(scene);
  const runners = scene.random.shuffle([A, B, C, D]);
  const ranks = runners.map((who, index) => [who, ['first', 'second', 'third', 'last'][index] ?? 'last'] as const);
  const [winner = A, , , loser = D] = runners;
  const middle: Beat[] = [
    () => {
      // They run off: where each was before no longer holds.
      for (const who of runners) scene.place.delete(who);
      tell(scene, lines.race, { p: goal });
    },
    ...scene.random.shuffle(ranks).map(
      ([who, w]) =>
        () =>
          tell(scene, lines.rank, { A: who, w }),
    ),
    () => {
      scene.holder.set(t, winner);
      tell(scene, lines.prize, { A: winner, t });
      scene.series.push({
        kind: 'name',
        items: runners.map((who) => who.name),
        first: 'The winner of the race was',
        last: 'The last in the race was',
        after: (item) => `In the race, right after ${item} came`,
      });
    },
    () => feel(scene, winner, scene.random.pick(['happy', 'proud']), t),
  ];
  if (chance(scene, 0.4)) middle.push(() => feel(scene, loser, scene.random.pick(['sad', 'tired'])));
  const opening: Beat[] = [() => own(scene, B, newThing(scene)), () => stand(scene, D, newPlace(scene))];
  return { opening, middle };
};

const numberWord = (value: number): string => numbers[value - 1] ?? 'many';

/** Animals at one place in numbers, and a few that come or go. */
export const counting: PlotForTwo = (scene, [A, B]) => {
  const place = newPlace(scene);
  const sorts = scene.random.shuffle(herds).slice(0, 4);
  const amounts = scene.random.shuffle([2, 3, 4, 5, 6, 7, 8]);
  const middle: Beat[] = sorts.map((x, index) => () => {
    const amount = amounts[index] ?? 2;
    scene.counts.set(x, numberWord(amount));
    tell(scene, lines.herd, { A, w: numberWord(amount), x, p: place });
  });
  const changed = scene.random.integer(sorts.length);
  middle.push(() => {
    const [x = '', before = 2] = [sorts[changed], amounts[changed]];
    const step = scene.random.pick([2, 3]);
    const after = before > 5 || (before > step + 1 && chance(scene, 0.5)) ? before - step : before + step;
    tell(scene, after > before ? lines.more : lines.fewer, { w: numberWord(step), x });
    tell(scene, lines.now, { A, w: numberWord(after), x });
    scene.counts.set(x, numberWord(after));
  });
  const opening: Beat[] = [() => go(scene, A, place), () => ownAt(scene, B, newThing(scene), newPlace(scene))];
  return { opening, middle };
};
