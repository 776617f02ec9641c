// The label of the teacher's stroke stays within the chart, wherever the stroke is.
import { expect, test } from 'vitest';
import { levelChart } from './level-chart.js';

test.each([
  ['the best', 1, false],
  ['the worst', 14, true],
])('a teacher that is %s has its label on the side with room', (_what, loss, end) => {
  const chart = levelChart('Loss', [{ label: 'half', colour: 'c1', before: 7, after: 12 }], { label: 'teacher', loss });
  const [, classes = '', x = ''] = /class="(note teacher[^"]*)" x="([\d.]+)"/.exec(chart.source) ?? [];
  expect(classes.endsWith('end')).toBe(end);
  // Seven units a letter at most, of a chart 360 wide.
  const width = 7 * `teacher ${loss.toFixed(3)}`.length;
  expect(Number(x) - (end ? width : 0)).toBeGreaterThanOrEqual(0);
  expect(Number(x) + (end ? 0 : width)).toBeLessThanOrEqual(360);
});
