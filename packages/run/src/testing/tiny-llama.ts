// The fixture `tiny-llama` as a model, for the tests of this package.
import { fileURLToPath } from 'node:url';
import type { Model } from '@espalier/core';
import { fixtureModel } from '@espalier/testing';
import { llama } from '@espalier/plugins';

/** 3 layers, hidden 32, ffn 44, heads 4 / kv 2 of 12, vocab 96; it has no tokenizer, and needs none. */
export function tinyLlama(): Promise<Model> {
  const folder = new URL('../../../core/src/testing/fixtures/tiny-llama', import.meta.url);
  return fixtureModel(fileURLToPath(folder), llama);
}
