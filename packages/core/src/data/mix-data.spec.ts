// Several texts as one: shares of tokens, and nothing that one of them holds back.
import { expect, test } from 'vitest';
import { random } from '../random.js';
import { documentIds, takeDocuments, type TrainingDocument } from './batches.js';
import { mixData } from './mix-data.js';
import { openDocuments } from './open-data.js';

const EOS = 9;
/** Documents of `length` tokens, `kind` the first of each. */
const documents = (kind: number, count: number, length: number): readonly (readonly number[])[] =>
  Array.from({ length: count }, (_, index) => [kind, 100 + index, ...Array.from({ length: length - 2 }, () => 7)]);
const ids = async (own: AsyncIterable<TrainingDocument> | Iterable<TrainingDocument>, count: number) =>
  (await takeDocuments(own, count)).map(documentIds);

test('at any time the tokens of each text are within one document of its share', async () => {
  const lengths = [3, 40, 11];
  const weights = [2, 5, 1];
  const mixed = mixData(
    lengths.map((length, kind) => ({ data: openDocuments(documents(kind, 30, length)), weight: weights[kind] ?? 0 })),
  );
  const given = [0, 0, 0];
  let all = 0;
  for (const own of await ids(mixed.training(random(3)), 3000)) {
    given[own[0] ?? NaN] = (given[own[0] ?? NaN] ?? NaN) + own.length;
    all += own.length;
    for (const [kind, weight] of weights.entries())
      expect(Math.abs((given[kind] ?? NaN) - (all * weight) / 8)).toBeLessThanOrEqual(Math.max(...lengths));
  }
});

test('an equal random gives equal documents, and another one others', async () => {
  const open = () => mixData([1, 2].map((weight) => ({ data: openDocuments(documents(weight, 50, 5)), weight })));
  expect(await ids(open().training(random(1)), 200)).toEqual(await ids(open().training(random(1)), 200));
  expect(await ids(open().training(random(2)), 200)).not.toEqual(await ids(open().training(random(1)), 200));
});

test('what one text holds back is trained on from none, also where it ends otherwise', async () => {
  const list = documents(1, 60, 4);
  const [plain, ending] = [openDocuments(list), openDocuments(list.map((own) => [...own, EOS]))];
  const mixed = mixData(
    [plain, ending].map((data) => ({ data, weight: 1 })),
    EOS,
  );
  const key = (own: readonly number[]): string => own.filter((id) => id !== EOS).join();
  const held = (await mixed.heldOut()).map(key);
  // Each once, and those that either text holds back.
  expect(new Set(held).size).toBe(held.length);
  expect(new Set(held)).toEqual(new Set([...(await plain.heldOut()), ...(await ending.heldOut())].map(key)));
  expect(held.length).toBeGreaterThan((await plain.heldOut()).length);
  const trained = new Set((await ids(mixed.training(random(1)), 500)).map(key));
  expect(held.filter((own) => trained.has(own))).toEqual([]);
  expect(trained.size).toBe(60 - held.length);
});
