// The suite that every data source must pass.
import { describe, expect, test } from 'vitest';
import { random, referenceBackend, takeDocuments, type DataSource } from '@espalier/core';
import { tinyModel } from './tiny-model.js';

/**
 * Declares the suite's tests: for a tiny model, documents of at least two tokens of its vocabulary, the same for the same
 * stream of random numbers.
 */
export function describeDataSource(source: DataSource): void {
  const teacher = tinyModel();
  const take = (seed: number, count = 8): Promise<(readonly number[])[]> => {
    const context = { backend: referenceBackend(), random: random(seed), teacher };
    return takeDocuments(source.documents(context), count);
  };
  describe(`data source ${source.name}`, () => {
    test('gives documents of at least two tokens of the vocabulary', async () => {
      const documents = await take(1);
      expect(documents).toHaveLength(8);
      expect(documents.filter(({ length }) => length < 2)).toEqual([]);
      const { vocab } = teacher.architecture.sizes;
      expect(documents.flat().filter((id) => !Number.isInteger(id) || id < 0 || id >= vocab)).toEqual([]);
    });

    test('depends on its stream of random numbers alone', async () => {
      expect(await take(1)).toEqual(await take(1));
    });
  });
}
