// Layer counts for targets on both sides of every step.
import { chooseArchitecture, modelParameters, parseTarget } from '@espalier/core';
import { expect, test } from 'vitest';
import { llama } from '../family/llama.js';
import { tinyLlama } from '../testing/tiny-llama.js';
import { depthSearch } from './depth.js';

// tiny-llama: 32,864 parameters, 6,176 of them outside the 3 layers of 8,896.
test.each([
  ['100%', 3],
  ['32864', 3],
  ['32863', 2],
  ['80%', 2],
  ['50%', 1],
  ['15072', 1],
])('%s leaves %i layers', async (target, layers) => {
  const model = await tinyLlama();
  const chosen = chooseArchitecture(depthSearch(), model, parseTarget(target));
  expect(chosen).toEqual({ ...model.architecture, layers });
  expect(modelParameters({ family: llama(), architecture: chosen }).parameters).toBe(6176 + layers * 8896);
});

test('less than one layer names the least that works', async () => {
  const model = await tinyLlama();
  expect(() => chooseArchitecture(depthSearch(), model, parseTarget('15071'))).toThrow(
    'prune to 15,071 parameters by depth: the embeddings and one layer have more. Give at least 15,072 parameters, or prune by width.',
  );
});
