// Documents that are produced once and read several times.
import { expect, test } from 'vitest';
import { remembered } from './data-source.js';
import { takeDocuments } from './batches.js';

async function* countdown(ended: string[]): AsyncGenerator<readonly number[]> {
  try {
    for (const n of [3, 2, 1]) yield await Promise.resolve([n]);
  } finally {
    ended.push('ended');
  }
}

test('every pass sees the same documents, and each is produced once', async () => {
  const ended: string[] = [];
  const { documents } = remembered(countdown(ended));
  expect(await takeDocuments(documents, 2)).toEqual([[3], [2]]);
  expect(ended).toEqual([]);
  expect(await takeDocuments(documents, 9)).toEqual([[3], [2], [1]]);
  expect(await takeDocuments(documents, 9)).toEqual([[3], [2], [1]]);
  expect(ended).toEqual(['ended']);
});

test('passes that overlap see every document in order', async () => {
  const { documents } = remembered(countdown([]));
  const passes = await Promise.all([takeDocuments(documents, 9), takeDocuments(documents, 9)]);
  expect(passes).toEqual([
    [[3], [2], [1]],
    [[3], [2], [1]],
  ]);
});

test('closing ends the production and keeps what was read', async () => {
  const ended: string[] = [];
  const { documents, close } = remembered(countdown(ended));
  await takeDocuments(documents, 1);
  await close();
  expect(ended).toEqual(['ended']);
  expect(await takeDocuments(documents, 9)).toEqual([[3]]);
});
