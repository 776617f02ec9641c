import { expect, test } from 'vitest';
import { scoreProfile } from './score-profile.js';

test('short lists stay in their order, with four digits', () => {
  expect(
    scoreProfile({
      layers: [0.123456, 2, 1],
      heads: [
        [1, 3],
        [2, 4],
      ],
    }),
  ).toEqual({
    layers: { order: 'index', count: 3, values: [0.1235, 2, 1] },
    heads: {
      order: 'index',
      count: 2,
      values: [
        [1, 3],
        [2, 4],
      ],
    },
  });
});

test('long lists become 64 points from the highest to the lowest, however long they are', () => {
  const ffn = [Array.from({ length: 14_336 }, (_, index) => (index * 7919) % 14_336)];
  const profile = scoreProfile({ ffn })['ffn'];
  expect(profile).toMatchObject({ order: 'rank', count: 14_336 });
  const [values] = (profile?.values ?? []) as readonly (readonly number[])[];
  expect(values).toHaveLength(64);
  expect(values?.[0]).toBe(14_340); // 14,335 with four digits
  expect(values?.[63]).toBe(0);
  expect(values).toEqual([...(values ?? [])].sort((a, b) => b - a));
});
