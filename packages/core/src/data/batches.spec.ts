// How token documents become batches.
import { expect, test } from 'vitest';
import { InputError } from '../errors.js';
import {
  batchList,
  ofSize,
  packed,
  padded,
  padRows,
  prompted,
  takeDocuments,
  type TokenBatch,
  type TokenBatches,
} from './batches.js';

interface Rows {
  readonly ids: readonly (readonly number[])[];
  readonly targets: readonly (readonly number[])[];
  readonly weights: readonly (readonly number[])[];
}

function rows({ ids, targets, weights, length }: TokenBatch): Rows {
  const cut = (values: ArrayLike<number>): number[][] =>
    Array.from({ length: values.length / length }, (_, row) =>
      Array.from(values).slice(row * length, (row + 1) * length),
    );
  return { ids: cut(ids), targets: cut(targets), weights: cut(weights) };
}

async function all(batches: TokenBatches): Promise<Rows[]> {
  const found: Rows[] = [];
  for await (const batch of batches) found.push(rows(batch));
  return found;
}

test('packed documents lie end to end, each token predicts the next one, and the incomplete rest is left out', async () => {
  const ones = [
    [1, 1],
    [1, 1],
  ];
  expect(await all(packed([[1, 2, 3], [4], [], [5, 6, 7, 8, 9, 10]], { batch: 2, length: 2 }))).toEqual([
    { ids: [[1, 2], [3, 4]], targets: [[2, 3], [4, 5]], weights: ones },
    { ids: [[5, 6], [7, 8]], targets: [[6, 7], [8, 9]], weights: ones },
  ]); // prettier-ignore
});

test('packed documents that do not see each other are told apart, and none is predicted from the one before', async () => {
  const documents = [[1, 2, 3], [4], [], [5, 6, 7, 8, 9, 10]];
  const found: TokenBatch[] = [];
  for await (const own of packed(documents, { batch: 2, length: 2, crossDocumentAttention: false })) found.push(own);
  expect(found.map((own) => [...(own.documents ?? [])])).toEqual([
    [0, 0, 0, 1],
    [0, 0, 0, 0],
  ]);
  expect(found.map((own) => rows(own))).toEqual([
    { ids: [[1, 2], [3, 4]], targets: [[2, 3], [4, 5]], weights: [[1, 1], [0, 0]] },
    { ids: [[5, 6], [7, 8]], targets: [[6, 7], [8, 9]], weights: [[1, 1], [1, 1]] },
  ]); // prettier-ignore
});

test('a packed batch needs the token after its last one', async () => {
  expect(await all(packed([[1, 2, 3, 4]], { batch: 1, length: 4 }))).toEqual([]);
  expect(await all(packed([[1, 2, 3, 4, 5]], { batch: 1, length: 4 }))).toHaveLength(1);
});

test('padded documents begin a row each, are cut at the length, and count only where a token follows', async () => {
  expect(await all(padded([[7, 8], [1, 2, 3, 4, 5], [9]], { batch: 2, length: 3 }))).toEqual([
    { ids: [[7, 0, 0], [1, 2, 3]], targets: [[8, 0, 0], [2, 3, 4]], weights: [[1, 0, 0], [1, 1, 1]] },
    { ids: [[0, 0, 0], [0, 0, 0]], targets: [[0, 0, 0], [0, 0, 0]], weights: [[0, 0, 0], [0, 0, 0]] },
  ]); // prettier-ignore
});

test('more rows than a batch holds are left out', () => {
  expect(rows(padRows([[1, 2], [3, 4]], { batch: 1, length: 1 })).ids).toEqual([[1]]); // prettier-ignore
});

test('an endless stream may be taken from, and is ended then', async () => {
  let ended = false;
  function* endless(): Generator<number[]> {
    try {
      for (let n = 0; ; n++) yield [n];
    } finally {
      ended = true;
    }
  }
  expect(await takeDocuments(endless(), 2)).toEqual([[0], [1]]);
  expect(ended).toBe(true);
  expect(await takeDocuments(endless(), 0)).toEqual([]);
});

test('the tokens of a prompt do not count, padded or packed, wherever a sequence begins', async () => {
  const documents = [prompted([1, 2, 3, 4, 5], 3), [6, 7], prompted([8, 9], 2)];
  const [padding] = await all(padded(documents, { batch: 3, length: 4 }));
  expect(padding?.weights).toEqual([[0, 0, 1, 1], [1, 0, 0, 0], [0, 0, 0, 0]]); // prettier-ignore
  const packing = await all(packed(documents, { batch: 1, length: 4 }));
  expect(packing.map(({ targets, weights }) => [targets, weights])).toEqual([
    [[[2, 3, 4, 5]], [[0, 0, 1, 1]]],
    [[[6, 7, 8, 9]], [[1, 1, 0, 0]]],
  ]); // prettier-ignore
});

test('each token of a document counts as its weight says, packed or padded', async () => {
  // Two turns of a conversation: what is asked counts nothing, the second answer half.
  const chat = { ids: [1, 2, 3, 4, 5, 6], weights: [0, 0, 1, 0, 0.5, 0.5] };
  expect((await all(padded([chat], { batch: 1, length: 6 })))[0]?.weights).toEqual([[0, 1, 0, 0.5, 0.5, 0]]);
  const packing = await all(packed([chat, [7, 8]], { batch: 1, length: 7 }));
  expect(packing.map(({ ids, weights }) => [ids, weights])).toEqual([
    [[[1, 2, 3, 4, 5, 6, 7]], [[0, 1, 0, 0.5, 0.5, 1, 1]]],
  ]);
});

test.each([
  ['too few', { ids: [1, 2], weights: [1] }, /it has 1 weights/],
  ['a negative one', { ids: [1, 2], weights: [1, -1] }, /one of its weights is -1/],
  ['one that is no number', { ids: [1, 2], weights: [NaN, 1] }, /one of its weights is NaN/],
])('weights are refused: %s', async (_what, document, message) => {
  const read = all(packed([document], { batch: 1, length: 1 }));
  await expect(read).rejects.toThrow(InputError);
  await expect(read).rejects.toThrow(message);
});

test('batches know their size and can be read again', async () => {
  const size = { batch: 2, length: 2 };
  for (const batches of [
    packed([[1, 2, 3, 4, 5]], size),
    padded([[1, 2]], size),
    batchList([padRows([[1, 2]], size)]),
  ]) {
    expect(batches).toMatchObject(size);
    expect(await all(batches)).toHaveLength(1);
    expect(await all(batches)).toHaveLength(1);
  }
  expect(() => batchList([])).toThrow(InputError);
});

test('batches of a size refuse one of another', async () => {
  const own = [padRows([[1, 2]], { batch: 1, length: 2 }), padRows([[1, 2]], { batch: 1, length: 3 })];
  expect(await all(ofSize(own.slice(0, 1), { batch: 1, length: 2 }))).toHaveLength(1);
  const read = all(ofSize(own, { batch: 1, length: 2 }, 'train'));
  await expect(read).rejects.toThrow(InputError);
  await expect(read).rejects.toThrow('train on batches of 1 × 2 tokens: one is 1 × 3');
});
