// What a model can be cut down to, and what is said when it cannot.
import { expect, test } from 'vitest';
import { modelParameters } from '../../cost/index.js';
import type { Architecture } from '../../model/index.js';
import { toyArchitecture, toyFamily } from '../testing/toy-model.js';
import { computedBudget } from './budget.js';
import { askedParts, explicitArchitecture, meetsTarget } from './target-shape.js';
import { parseTarget } from './parse-target.js';
import { isTimed, type TargetShape } from './target.js';

const model = { family: toyFamily, architecture: toyArchitecture };

test('parameters follow from the named axes', () => {
  // table 5·4, norm 4; a layer: q 8·4, k 4·4, in and out 6·4 each
  expect(modelParameters(model)).toEqual({ parameters: 24 + 3 * 96, nonEmbeddingParameters: 4 + 3 * 96 });
});

const most = (text: string): number => {
  const target = parseTarget(text);
  if (isTimed(target)) throw new Error('not a number');
  return computedBudget(model, target).most;
};

test.each([
  ['50%', 156],
  ['100%', 312],
  ['29%', 90],
  ['0.1K', 100],
  ['312', 312],
  ['layers=1', 120],
  ['100..150', 150],
  ['non-embedding=50%', 146],
  ['non-embedding=200', 200],
])('%s allows %i parameters', (text, parameters) => {
  expect(most(text)).toBe(parameters);
});

test.each(['101%', '313', '4B', '0.1%', '313..400'])('%s is more than the model has, or nothing', (text) => {
  expect(() => most(text)).toThrow('the model has 312 parameters. Give 1 to 312 parameters, or at most 100%.');
});

test('more than there is without embeddings is refused by that number', () => {
  expect(() => most('non-embedding=293')).toThrow('the model has 292 parameters without embeddings');
});

test('sizes that are not named stay', () => {
  const { layers, sizes } = explicitArchitecture(toyArchitecture, { hidden: 3, layers: 2 });
  expect({ layers, sizes }).toEqual({ layers: 2, sizes: { ...toyArchitecture.sizes, hidden: 3 } });
});

test('fewer key/value heads take their query heads along', () => {
  expect(explicitArchitecture(toyArchitecture, { kvHeads: 1 }).sizes).toMatchObject({ heads: 2, kvHeads: 1 });
});

test('layers that lose a half: how many is asked, which ones is left open', () => {
  const target = explicitArchitecture(toyArchitecture, { attentionLayers: 2, ffnLayers: 1 });
  expect(target).toMatchObject({ layers: 3, withoutAttention: [2], withoutFeedForward: [1, 2] });
  expect(most('attentionLayers=2,ffnLayers=1')).toBe(312 - 48 - 2 * 48);
  expect(askedParts(toyArchitecture, target)).toEqual({ attention: 2, feedForward: 1 });
  expect(askedParts(target, target)).toEqual({});
  expect(askedParts(target, { ...target, layers: 2 })).toEqual({});
});

test.each<[Partial<Architecture>, boolean]>([
  [{ withoutAttention: [0], withoutFeedForward: [1, 0] }, true],
  [{ layers: 2, withoutFeedForward: [0] }, true], // the third layer lost both
  [{ withoutAttention: [0] }, false],
  [{ layers: 4, withoutAttention: [0, 1], withoutFeedForward: [1, 2, 3] }, false],
  [{ withoutAttention: [0], withoutFeedForward: [1, 0], sizes: { ...toyArchitecture.sizes, ffn: 5 } }, false],
])('a plan that leaves %j meets a target of 2 layers with attention and 1 with feed-forward: %s', (own, met) => {
  const target = explicitArchitecture(toyArchitecture, { attentionLayers: 2, ffnLayers: 1 });
  expect(meetsTarget(toyArchitecture, target, { ...toyArchitecture, ...own })).toBe(met);
});

test.each<[TargetShape, string]>([
  [{ hidden: 8 }, 'prune to hidden 8: the model has hidden 4. Give 1 to 4.'],
  [{ layers: 4 }, 'prune to layers 4: the model has layers 3. Give 1 to 3.'],
  [{ ffn: 0 }, 'prune to ffn 0: the model has ffn 6. Give 1 to 6.'],
  [
    { heads: 3 },
    'every one of the 2 key/value heads needs equally many query heads. The nearest valid numbers of heads are 2 and 4.',
  ],
  [{ attentionLayers: 4 }, 'prune to attentionLayers 4: of 3 layers. Give 1 to 3.'],
  [{ layers: 2, ffnLayers: 3 }, 'prune to ffnLayers 3: of 2 layers. Give 1 to 2.'],
  [{ heads: 1 }, 'The nearest valid numbers of heads are 2.'],
  [{ heads: 4, kvHeads: 1 }, 'the model has 2 query heads for each key/value head. Give at most 2 heads.'],
])('%j is refused', (shape, message) => {
  expect(() => explicitArchitecture(toyArchitecture, shape)).toThrow(message);
});
