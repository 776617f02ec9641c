import { expect, test } from 'vitest';
import { fullPlan } from '../../model/index.js';
import { toyModel } from '../testing/toy-model.js';
import { planMap } from './plan-map.js';

const { architecture } = toyModel();

test('the full plan keeps all of every stretch', () => {
  const map = planMap(architecture, architecture, fullPlan(architecture));
  expect(map.layers).toHaveLength(map.layersBefore);
  expect(new Set([...map.hidden, ...map.ffn.flat(), ...map.heads.flat()])).toEqual(new Set([100]));
});

test('long axes are told in 64 stretches, each with the share that is kept', () => {
  const sizes = { ...architecture.sizes, hidden: 640, ffn: 100 };
  const before = { ...architecture, layers: 1, sizes };
  const plan = {
    ...fullPlan(before),
    hidden: Array.from({ length: 640 }, (_, index) => index).filter((index) => index < 5 || index >= 320),
    ffn: [[0, 99]],
  };
  const map = planMap(before, before, plan);
  expect(map.hidden).toHaveLength(64);
  expect(map.hidden.slice(0, 3)).toEqual([50, 0, 0]);
  expect(map.hidden.slice(32).every((share) => share === 100)).toBe(true);
  expect(map.ffn[0]).toHaveLength(64);
  expect(map.ffn[0]?.filter((share) => share > 0)).toHaveLength(2);
});
