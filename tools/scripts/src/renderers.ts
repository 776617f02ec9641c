// The generated blocks by name: `<!-- generated:NAME -->` in a page is filled by the function of that name here.
import { readFile } from 'node:fs/promises';
import { present, type StrategyKind } from '@espalier/core';
import { noGradientReason, opNames } from '@espalier/core/graph';
import { typescriptBlocks } from './code-blocks.js';
import type { Renderer } from './generated-blocks.js';
import { core, run } from '../eslint/zones.mjs';
import { allStrategies, pageOf } from './strategy-pages.js';

/** Every kind, in the order that a run meets them: a new one without its place does not compile. */
const order: { readonly [Kind in StrategyKind]: number } = {
  family: 0,
  data: 1,
  scorer: 2,
  search: 3,
  pruner: 4,
  transform: 5,
  loss: 6,
  balancer: 7,
  mapping: 8,
  optimizer: 9,
  schedule: 10,
  stop: 11,
  evaluator: 12,
  exporter: 13,
  subscriber: 14,
  backend: 15,
};

const readme = new URL('../../../README.md', import.meta.url);
const toyBackend = new URL('../../../examples/toy-backend.ts', import.meta.url);

export const renderers: Readonly<Record<string, Renderer>> = {
  ops: () =>
    table(
      ['op', 'gradient'],
      opNames().map((op) => [`\`${op}\``, noGradientReason(op) ?? 'yes']),
    ),
  plugins: () => {
    const sorted = [...allStrategies()].sort((a, b) => order[a.kind] - order[b.kind]);
    const rows = sorted.map((own) => [
      own.kind,
      `[\`${own.name}\`](${pageOf(own).replace('docs/', '')})`,
      own.summary.replaceAll('|', '\\|'),
    ]);
    return table(['kind', 'name', 'what it does'], rows);
  },
  zones: () =>
    table(
      ['folder', 'what is in it', 'imports'],
      [core, run].flatMap(({ root, folders }) =>
        Object.entries(folders).map(([name, { holds, imports }]) => [
          `\`${root}/${name}\``,
          holds,
          imports.join(', ') || '–',
        ]),
      ),
    ),
  // The readme's: one block, also where the site begins on code.
  'in-code': async () => {
    const [block] = typescriptBlocks('README.md', await readFile(readme, 'utf8'));
    return `\`\`\`ts\n${present(block, 'code of the readme').code}\n\`\`\``;
  },
  'toy-backend': async () => `\`\`\`ts\n${await readFile(toyBackend, 'utf8')}\`\`\``,
};

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
