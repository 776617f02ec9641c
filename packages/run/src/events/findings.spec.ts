import { expect, test } from 'vitest';
import { parseEvents, findingsNamed } from './read-events.js';

const map = { layersBefore: 2, layers: [0, 1], sizesBefore: { ffn: 4 }, sizesAfter: { ffn: 2 }, hidden: [100] };

function plansOf(own: object): number {
  const data = { layers: [0, 1], dropped: [], map: { ...map, ...own } };
  const event = { type: 'finding', name: 'plan', message: '', data, run: 'width', stage: 'prune', time: 1 };
  return findingsNamed(parseEvents(`${JSON.stringify(event)}\n`), 'plan').length;
}

test('a plan that does not say of every kept layer what is left of it is passed over', () => {
  expect(plansOf({ heads: [[100], [50]], ffn: [[50], [50]] })).toBe(1);
  expect(plansOf({ heads: [[100]], ffn: [[50], [50]] })).toBe(0);
  expect(plansOf({ heads: [[100], [50]], ffn: [] })).toBe(0);
});
