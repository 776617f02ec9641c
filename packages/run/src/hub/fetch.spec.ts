// Fetching from a hub on this machine: what is asked for, where it lands, who is let in, and what happens without an answer.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '@espalier/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { HubAccess } from './access.js';
import { fetchDataset, fetchModel } from './fetch.js';
import { sha, startHub, type HubServer } from './testing/hub-server.js';

const files: Readonly<Record<string, string>> = {
  'config.json': '{"model_type":"llama"}',
  'model.safetensors': 'weights',
  'pytorch_model.bin': 'a pickle, never asked for',
  'data/train.jsonl': '{"text":"one"}\n',
  'data/train.csv': 'text',
};

let hub: HubServer;
let access: HubAccess;
let asked: string[];
beforeEach(async () => {
  hub = await startHub(files);
  ({ access, asked } = hub);
});
afterEach(() => hub.close());

test('a model’s files land in the cache as Python lays it out; pickles are left where they are', async () => {
  const folder = await fetchModel('owner/name', undefined, access);
  expect(folder).toBe(join(access.cache, 'models--owner--name', 'snapshots', sha));
  expect(await readFile(join(folder, 'model.safetensors'), 'utf8')).toBe('weights');
  expect(await readFile(join(access.cache, 'models--owner--name', 'refs', 'main'), 'utf8')).toBe(sha);
  expect(asked.join('\n')).not.toContain('.bin');
});

test('offline, and without an answer, the cache serves what was fetched before', async () => {
  const folder = await fetchModel('owner/name', undefined, access);
  const before = asked.length;
  expect(await fetchModel('owner/name', undefined, { ...access, offline: true })).toBe(folder);
  expect(asked).toHaveLength(before);
  expect(await fetchModel('owner/name', undefined, { ...access, endpoint: 'http://127.0.0.1:9' })).toBe(folder);
});

test('a data set gives the files that hold text, or those that match', async () => {
  const paths = await fetchDataset({ dataset: 'owner/name' }, access);
  expect(paths.map((path) => path.split(sha)[1]?.slice(1).replaceAll('\\', '/'))).toEqual(['data/train.jsonl']);
});

test.each<[string, () => Promise<unknown>, RegExp]>([
  [
    'a token that is refused',
    () => fetchModel('owner/name', undefined, { ...access, token: 'hf_wrong' }),
    /denies access \(401\).*HF_TOKEN/,
  ],
  [
    'a repository that is not there',
    () => fetchModel('owner/other', undefined, access),
    /no such repository or revision/,
  ],
  [
    'a model that was never fetched, offline',
    () => fetchModel('owner/name', undefined, { ...access, offline: true }),
    /offline mode is on/,
  ],
  [
    'files that match nothing',
    () => fetchDataset({ dataset: 'owner/name', files: '*.parquet' }, access),
    /none of its files/,
  ],
])('%s is one clear error', async (_what, attempt, message) => {
  const made = attempt();
  await expect(made).rejects.toThrow(InputError);
  await expect(made).rejects.toThrow(message);
});
