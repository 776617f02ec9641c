// The suite that every data source must pass.
import { describe, expect, test } from 'vitest';
import { documentHash, documentIds, random, takeDocuments, type DataSource, type OpenData } from '@espalier/core';
import { referenceBackend } from '@espalier/core/graph';
import { tinyModel } from './tiny-model.js';

/**
 * Declares the suite's tests: for a tiny model, documents of at least two tokens of its vocabulary, the same for the same
 * stream of random numbers, none of them held out; and held-out documents that are the same at each opening.
 */
export function describeDataSource(source: DataSource): void {
  const teacher = tinyModel();
  const { vocab } = teacher.architecture.sizes;
  const open = (): Promise<OpenData> =>
    source.open({ backend: referenceBackend(), random: random(7), teacher, length: 7 });
  const take = async (data: OpenData, seed: number, count = 8): Promise<(readonly number[])[]> =>
    (await takeDocuments(data.training(random(seed)), count)).map(documentIds);
  const outside = (documents: readonly (readonly number[])[]): readonly number[] =>
    documents.flat().filter((id) => !Number.isInteger(id) || id < 0 || id >= vocab);

  describe(`data source ${source.name}`, () => {
    test('gives documents of at least two tokens of the vocabulary', async () => {
      const documents = await take(await open(), 1);
      expect(documents).toHaveLength(8);
      expect(documents.filter(({ length }) => length < 2)).toEqual([]);
      expect(outside(documents)).toEqual([]);
    });

    test('depends on its stream of random numbers alone', async () => {
      const data = await open();
      expect(await take(data, 1)).toEqual(await take(data, 1));
      expect(await take(await open(), 1)).toEqual(await take(data, 1));
    });

    test('holds out different documents, the same at each opening, and trains on none of them', async () => {
      const data = await open();
      const heldOut = await data.heldOut();
      expect(heldOut.length).toBeGreaterThan(0);
      expect(heldOut.filter(({ length }) => length < 2)).toEqual([]);
      expect(outside(heldOut)).toEqual([]);
      const held = new Set(heldOut.map((document) => document.join()));
      expect(held.size).toBe(heldOut.length);
      expect(new Set(heldOut.map(documentHash)).size).toBe(heldOut.length);
      expect(await (await open()).heldOut()).toEqual(heldOut);
      const documents = [...(await take(data, 1, 300)), ...(await take(data, 7, 300))];
      expect(documents.filter((document) => held.has(document.join()))).toEqual([]);
    });
  });
}
