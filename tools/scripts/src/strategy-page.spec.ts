// Pages of strategies from made-up code.
import { definePlugin, createRunContainer, strategies, strategy } from '@espalier/core';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { exportedDocs, strategyPage, testTitles } from './strategy-page.js';

const options = z.strictObject({
  peak: z.number().positive().describe('highest rate'),
  shape: z.enum(['flat', 'round']).default('flat'),
  steps: z.int().positive().exactOptional().describe('how |steps|\nare counted'),
});
const definition = strategy('schedule', {
  name: 'hat',
  summary: 'up, then down',
  options,
  create: () => () => 0,
});
const [registered] = strategies(
  createRunContainer([definePlugin({ name: 'hats', provides: [definition] })]),
  'schedule',
);

const code = `// Header.
/** Rate of a step: p·s/n (Hatter 1865, chapter 7). */
export function hat() {}
/** Not for others. */
function inner() {}
/** A type. */
export interface HatOptions {}
`;

test('a page has the summary, the formula of the docstring, the options and the titles of the tests', () => {
  const spec = { file: 'packages/plugins/src/schedule/hat.spec.ts', text: `test('the hat fits', () => {});` };
  const page = strategyPage(
    registered ?? definition,
    {
      file: 'packages/plugins/src/schedule/hat.ts',
      text: code,
      spec,
    },
    '../../..',
  );
  expect(page).toContain('# `hat` (schedule)');
  expect(page).toContain('Up, then down.');
  expect(page).toContain('p·s/n (Hatter 1865, chapter 7)');
  expect(page).toContain('| `peak` | number, > 0 | required | highest rate |');
  expect(page).toContain('| `shape` | `"flat"`, `"round"` | `"flat"` |  |');
  expect(page).toContain('| `steps` | integer, ≥ 1 | – | how \\|steps\\| are counted |');
  expect(page).toContain(
    '```yaml\nsteps:\n  - distillation: { schedule: { name: hat, peak: 0.001, shape: flat } }\n```',
  );
  expect(page).toContain('- the hat fits');
  expect(page).toContain(
    'From hats. Source: [packages/plugins/src/schedule/hat.ts](../../../packages/plugins/src/schedule/hat.ts)',
  );
});

test('only exported functions and constants speak for a strategy', () => {
  expect(exportedDocs(code).map(({ name }) => name)).toEqual(['hat']);
});

test('titles of tables are left out, nested tests are not', () => {
  expect(testTitles(`test.each([1])('case %s', f); describe('x', () => { test(\`plain\`, f); });`)).toEqual(['plain']);
});
