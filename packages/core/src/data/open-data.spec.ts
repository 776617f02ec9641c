// Lists and generators as sources: of every shape an author may write, nothing is both held out and trained on.
import { expect, test } from 'vitest';
import { InputError } from '../errors.js';
import { random, type Random } from '../random.js';
import { documentIds, takeDocuments, type TrainingDocument, type TrainingDocuments } from './batches.js';
import { openDocuments, openStream } from './open-data.js';
import type { OpenData } from './data-source.js';

const list = Array.from({ length: 40 }, (_, index) => [1, index % 25, 2]);
const context = { random: random(7) };

const shapes: readonly (readonly [string, () => OpenData])[] = [
  ['a list', () => openDocuments(list)],
  ['a list with weights', () => openDocuments(list.map((ids) => ({ ids, weights: [0, 1, 1] })))],
  ['a generator of random documents', () => openStream(endless, context)],
  ['one that goes through a short list for ever, without chance', () => openStream(cycle, context)],
  ['one that gives a short list once', () => openStream(() => list, context)],
  ['one that shuffles a short list', () => openStream((own) => own.shuffle(list), context)],
  ['one that draws from a short list', () => openStream(drawn, context)],
  ['one that begins with the same documents, whatever its random', () => openStream(counting, context)],
  ['an asynchronous one', () => openStream(later, context)],
  ['a costly one', () => openStream(endless, context, { costly: true })],
  ['a costly one that repeats itself', () => openStream(drawn, context, { costly: true })],
  ['a costly one without chance', () => openStream(cycle, context, { costly: true })],
];

function* endless(own: Random): Generator<TrainingDocument> {
  for (;;) yield [1, own.integer(1e6), own.integer(1e6)];
}
function* cycle(): Generator<TrainingDocument> {
  for (;;) yield* list;
}
function* drawn(own: Random): Generator<TrainingDocument> {
  for (;;) yield own.pick(list);
}
function* counting(): Generator<TrainingDocument> {
  for (let index = 0; ; index++) yield [1, index];
}
async function* later(own: Random): AsyncGenerator<TrainingDocument> {
  for (;;) yield await Promise.resolve([1, own.integer(100)]);
}

test.each(shapes)('nothing is both held out and trained on: %s', async (_what, open) => {
  const data = open();
  const heldOut = (await data.heldOut()).map((document) => document.join());
  expect(heldOut.length).toBeGreaterThan(0);
  expect(new Set(heldOut).size).toBe(heldOut.length);
  for (const seed of [1, 7]) {
    for (const use of [random(seed), random(seed).fork('training'), random(seed).fork('validation')]) {
      const training = await takeDocuments(data.training(use), 3000);
      expect(training).toHaveLength(3000);
      const held = new Set(heldOut);
      expect(training.filter((document) => held.has(documentIds(document).join()))).toEqual([]);
    }
  }
});

test.each(shapes)(
  'an equal random gives equal documents, and what is held out is the same: %s',
  async (_what, open) => {
    const [one, other] = [open(), open()];
    const take = (data: OpenData): Promise<TrainingDocument[]> => takeDocuments(data.training(random(5)), 100);
    expect(await take(one)).toEqual(await take(one));
    expect(await take(other)).toEqual(await take(one));
    expect(await other.heldOut()).toEqual(await one.heldOut());
  },
);

test('each pass over a list is in another order, and holds each document once', async () => {
  const data = openDocuments(list);
  const held = new Set((await data.heldOut()).map((own) => own.join()));
  const others = list.map((own) => own.join()).filter((own) => !held.has(own));
  const rest = others.length;
  const documents = (await takeDocuments(data.training(random(1)), 2 * rest)).map((own) => documentIds(own).join());
  const [first, second] = [documents.slice(0, rest), documents.slice(rest)];
  expect(first.toSorted()).toEqual(others.toSorted());
  expect(second.toSorted()).toEqual(first.toSorted());
  expect(second).not.toEqual(first);
});

test('all of a list can be read, and its identity is its content', () => {
  expect(openDocuments(list).all).toEqual(list);
  expect(openDocuments(list).identity).toEqual(openDocuments([...list]).identity);
  expect(openDocuments(list).identity).not.toEqual(openDocuments(list.toReversed()).identity);
});

test.each<[string, () => TrainingDocuments, RegExp]>([
  ['nothing', () => [], /all equal/],
  ['one document again and again', () => [[1, 2], [1, 2]], /all equal/], // prettier-ignore
])('a generator of %s is refused', async (_what, documents, message) => {
  const data = openStream(documents, context);
  await expect(data.heldOut()).rejects.toThrow(InputError);
  await expect(takeDocuments(data.training(random(1)), 1)).rejects.toThrow(message);
});

test('a generator that gives documents only once is told when they end', async () => {
  const once = cycle();
  const data = openStream(() => once, context);
  await data.heldOut();
  await expect(takeDocuments(data.training(random(1)), 1)).rejects.toThrow('it gave no document');
});
