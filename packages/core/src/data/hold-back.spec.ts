// Which documents are held back, and that none of them is trained on.
import { expect, test } from 'vitest';
import { InputError } from '../errors.js';
import { random } from '../random.js';
import { documentIds, takeDocuments, type TrainingDocument } from './batches.js';
import { documentHash, holdBack, withoutHeldOut } from './hold-back.js';

/** Different documents. */
const numbered = (count: number, from = 0): readonly (readonly number[])[] =>
  Array.from({ length: count }, (_, index) => [1, from + index, 2]);
const keys = (documents: readonly TrainingDocument[]): readonly string[] =>
  documents.map((document) => documentIds(document).join());
const common = (a: readonly TrainingDocument[], b: readonly TrainingDocument[]): readonly string[] => {
  const known = new Set(keys(a));
  return keys(b).filter((key) => known.has(key));
};

test('hashes lie evenly in [0, 1) and depend on every token and its place', () => {
  const documents = numbered(10_000).flatMap((document) => [document, [...document, 0]]);
  const hashes = documents.map(documentHash);
  expect(new Set(hashes).size).toBe(20_000);
  // Ten bins of 2,000 ± 42: five standard deviations.
  for (let bin = 0; bin < 10; bin++) {
    const count = hashes.filter((hash) => Math.floor(hash * 10) === bin).length;
    expect(Math.abs(count - 2000)).toBeLessThan(5 * 42.5);
  }
  expect(documentHash([1, 2])).not.toBe(documentHash([2, 1]));
  expect(documentHash({ ids: [1, 2], weights: [0, 1] })).toBe(documentHash([1, 2]));
});

test('about one document in ten is held back, each once, and the others are trained on as often as they come', () => {
  const documents = numbered(5000);
  const { training, heldOut } = holdBack([...documents, ...documents]);
  expect(Math.abs(heldOut.length - 500)).toBeLessThan(5 * 21.2);
  expect(new Set(keys(heldOut)).size).toBe(heldOut.length);
  expect(training).toHaveLength(2 * (5000 - heldOut.length));
  expect(common(heldOut, training)).toEqual([]);
});

test('of few documents with many equal ones, none is on both sides', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const stream = random(seed);
    const documents = Array.from({ length: 40 }, () => [1, stream.integer(5), stream.integer(2)]);
    const { training, heldOut } = holdBack(documents);
    expect(heldOut.length).toBeGreaterThan(0);
    expect(training.length).toBeGreaterThan(0);
    expect(new Set(keys(heldOut)).size).toBe(heldOut.length);
    expect(common(heldOut, training)).toEqual([]);
    expect(new Set([...keys(heldOut), ...keys(training)])).toEqual(new Set(keys(documents)));
  }
});

test('neither order nor duplicates change what is held back, and growth never holds back what was trained on', () => {
  for (const count of [2, 5, 12, 40, 300]) {
    const documents = numbered(count);
    const before = holdBack(documents);
    const shuffled = holdBack(random(3).shuffle([...documents, ...documents, ...documents]));
    expect(new Set(keys(shuffled.heldOut))).toEqual(new Set(keys(before.heldOut)));
    for (const more of [1, 10, 500]) {
      const after = holdBack([...documents, ...numbered(more, count)]);
      expect(common(before.training, after.heldOut)).toEqual([]);
    }
  }
});

test('no more are held back than asked for, and growth beyond that holds back no old document', () => {
  const before = holdBack(numbered(300), 0.5, 20);
  const after = holdBack(numbered(900), 0.5, 20);
  expect([before.heldOut.length, after.heldOut.length]).toEqual([20, 20]);
  expect(common(before.training, after.heldOut)).toEqual([]);
});

test('a document of one token predicts nothing, and is never held back', () => {
  const { heldOut } = holdBack([...Array.from({ length: 100 }, (_, id) => [id]), [1, 2], [3, 4]]);
  expect(heldOut).toHaveLength(1);
  expect(heldOut[0]).toHaveLength(2);
});

test.each([
  [
    'all equal',
    Array.from({ length: 40 }, () => [1, 2]),
    /of 40 documents: those of at least two tokens are all equal/,
  ],
  ['none', [], /none has two tokens/],
])('documents that are %s are refused', (_what, documents, message) => {
  expect(() => holdBack(documents)).toThrow(InputError);
  expect(() => holdBack(documents)).toThrow(message);
});

test('a stream goes on without what is held out, and says when there is nothing else', async () => {
  function* stream(): Generator<TrainingDocument> {
    for (;;) yield* [[1, 2], { ids: [3, 4], weights: [0, 1] }, [5, 6]];
  }
  expect(await takeDocuments(withoutHeldOut(stream(), [[3, 4]]), 4)).toEqual([[1, 2], [5, 6], [1, 2], [5, 6]]); // prettier-ignore
  await expect(takeDocuments(withoutHeldOut(stream(), [[1, 2], [3, 4], [5, 6]]), 1)).rejects.toThrow(/are all held out/); // prettier-ignore
});
