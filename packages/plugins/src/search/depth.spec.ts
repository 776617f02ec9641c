// Layer counts for targets on both sides of every step.
import { chooseArchitecture, InputError, modelParameters, parseTarget, type ShapeSearch } from '@espalier/core';
import { expect, test } from 'vitest';
import { llama } from '../family/llama.js';
import { tinyLlama } from '../testing/tiny-llama.js';
import { depthSearch } from './depth.js';
import { proportionalWidthSearch } from './proportional-width.js';

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
    'prune to 15,071 parameters by depth: the embeddings and one layer have more. Give at least 15,072 parameters, or prune by width alone (--method width --no-compare; in a recipe pruner: width).',
  );
});

test('the other way is named only where it leads to the target, and a percentage where a number of parameters looks like one', async () => {
  const model = await tinyLlama();
  const refusal = (search: ShapeSearch, target: string): string => {
    try {
      chooseArchitecture(search, model, parseTarget(target));
      return '';
    } catch (error) {
      return error instanceof InputError ? error.message : '';
    }
  };
  const narrow = proportionalWidthSearch();
  expect(refusal(narrow, '1000')).toContain('Give at least');
  for (const target of ['15071', '9000', '1000', '200'])
    for (const [own, other] of [
      [depthSearch(), narrow],
      [narrow, depthSearch()],
    ] as const) {
      const said = refusal(own, target);
      if (said !== '') expect([target, said.includes('prune by')]).toEqual([target, refusal(other, target) === '']);
    }
  expect(refusal(narrow, '50')).toContain('Write 50% for a share, or give at least');
  expect(refusal(narrow, 'non-embedding=50')).toContain('Write non-embedding=50% for a share');
  expect(refusal(narrow, '100..150')).not.toContain('%');
});
