// The generated blocks by name: `<!-- generated:NAME -->` in a page is filled by the function of that name here.
import { readFile } from 'node:fs/promises';
import { createRunContainer, noGradientReason, opNames, strategies, type StrategyKind } from '@espalier/core';
import { ortPlugin } from '@espalier/backend-ort';
import { tfjsPlugin } from '@espalier/backend-tfjs';
import { minitronPlugin } from '@espalier/plugins';
import type { Renderer } from './generated-blocks.js';

const kinds: readonly StrategyKind[] = [
  'family',
  'data',
  'scorer',
  'depthMetric',
  'search',
  'pruner',
  'loss',
  'optimizer',
  'schedule',
  'evaluator',
  'subscriber',
  'backend',
];

const toyBackend = new URL('../../../examples/toy-backend.ts', import.meta.url);

export const renderers: Readonly<Record<string, Renderer>> = {
  ops: () =>
    table(
      ['op', 'gradient'],
      opNames().map((op) => [`\`${op}\``, noGradientReason(op) ?? 'yes']),
    ),
  plugins: () => {
    const container = createRunContainer([minitronPlugin, ortPlugin, tfjsPlugin]);
    const rows = kinds.flatMap((kind) =>
      strategies(container, kind).map(({ name, summary }) => [kind, `\`${name}\``, summary.replaceAll('|', '\\|')]),
    );
    return table(['kind', 'name', 'what it does'], rows);
  },
  'toy-backend': async () => `\`\`\`ts\n${await readFile(toyBackend, 'utf8')}\`\`\``,
};

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
