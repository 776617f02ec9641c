// The list of plots, each with how many people it needs, and what a plot is.
import { box, counting, hide, race, recipe, work } from './plots-doing.js';
import { delivery, journey } from './plots-going.js';
import { lost, pet, weather, wind } from './plots-losing.js';
import { borrow, gift, hunger, mended, trades } from './plots-sharing.js';
import type { Scene, Thread } from './scene.js';
import type { Person } from './words.js';

/** Plans what happens to the people of a plot; the plan names every one of them. */
type PlotOf<People extends readonly Person[]> = (scene: Scene, people: People) => Thread;
export type PlotForTwo = PlotOf<readonly [Person, Person]>;
export type PlotForThree = PlotOf<readonly [Person, Person, Person]>;
export type PlotForFour = PlotOf<readonly [Person, Person, Person, Person]>;

/** A plot with how many people it uses. */
export type PlotEntry =
  | { readonly name: string; readonly people: 2; readonly plot: PlotForTwo }
  | { readonly name: string; readonly people: 3; readonly plot: PlotForThree }
  | { readonly name: string; readonly people: 4; readonly plot: PlotForFour };

/** Plans the plot for the first people of the cast. */
export function plan(scene: Scene, entry: PlotEntry): Thread {
  const [A, B, C, D] = scene.cast;
  if (A === undefined || B === undefined) throw new RangeError('a plot needs two people or more');
  if (entry.people === 2) return entry.plot(scene, [A, B]);
  if (C === undefined) throw new RangeError(`the plot "${entry.name}" needs three people or more`);
  if (entry.people === 3) return entry.plot(scene, [A, B, C]);
  if (D === undefined) throw new RangeError(`the plot "${entry.name}" needs four people or more`);
  return entry.plot(scene, [A, B, C, D]);
}

export const plots: readonly PlotEntry[] = [
  { name: 'lost', plot: lost, people: 2 },
  { name: 'pet', plot: pet, people: 2 },
  { name: 'wind', plot: wind, people: 2 },
  { name: 'weather', plot: weather, people: 3 },
  { name: 'gift', plot: gift, people: 3 },
  { name: 'trades', plot: trades, people: 3 },
  { name: 'hunger', plot: hunger, people: 3 },
  { name: 'borrow', plot: borrow, people: 3 },
  { name: 'mended', plot: mended, people: 3 },
  { name: 'recipe', plot: recipe, people: 3 },
  { name: 'work', plot: work, people: 4 },
  { name: 'box', plot: box, people: 3 },
  { name: 'hide', plot: hide, people: 4 },
  { name: 'race', plot: race, people: 4 },
  { name: 'counting', plot: counting, people: 2 },
  { name: 'journey', plot: journey, people: 2 },
  { name: 'delivery', plot: delivery, people: 4 },
];
