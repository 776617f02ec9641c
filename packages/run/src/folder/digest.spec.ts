// Fingerprints do not depend on the order of keys, and differences name their place.
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestFile } from '@espalier/core';
import { expect, test } from 'vitest';
import { differences } from './difference.js';
import { canonicalJson, digestJson } from './digest.js';

test('equal values have equal text whatever the order of their keys', () => {
  expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: true })).toBe('{"a":true,"b":[1,{"c":"x","d":null}]}');
  expect(digestJson({ a: 1, b: 2 })).toBe(digestJson({ b: 2, a: 1 }));
  expect(digestJson([1, 2])).not.toBe(digestJson([2, 1]));
});

test('a file is digested as a whole, however many reads that takes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'espalier-digest-'));
  const bytes = Buffer.alloc(3 * 2 ** 20 + 7, 'abc');
  await writeFile(join(folder, 'file'), bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  expect(await digestFile(join(folder, 'file'))).toEqual({ bytes: bytes.length, sha256 });
  await expect(digestFile(join(folder, 'none'))).rejects.toThrow('there is no such file');
  await rm(folder, { recursive: true });
});

test('differences name the place and both values', () => {
  const before = { seed: 1, steps: [{ target: '50%' }, { target: '40%' }] };
  expect(differences(before, { seed: 1, steps: [{ target: '50%' }, { target: '30%' }] })).toEqual([
    'steps.1.target: "40%" before, "30%" now',
  ]);
  expect(differences(before, { steps: before.steps })).toEqual(['seed: 1 before, nothing now']);
  expect(differences(before, before)).toEqual([]);
  expect(differences([1], [1, 2])).toEqual(['1: nothing before, 2 now']);
});
