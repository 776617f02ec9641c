// Every strategy's page, by path. Which file a strategy is in follows from its kind and name: one string finds both.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createRunContainer, strategies, tokens, type StrategyDefinition, type StrategyKind } from '@espalier/core';
import { ortPlugin } from '@espalier/backend-ort';
import { tfjsPlugin } from '@espalier/backend-tfjs';
import { minitronPlugin } from '@espalier/plugins';
import { format } from 'prettier';
import { optionDocs } from './option-docs.js';
import { strategyPage, type StrategySource } from './strategy-page.js';

/** Where the code of each kind is, from the repository root; a file there is called as its strategy. */
const folders: { readonly [Kind in StrategyKind]: string } = {
  backend: 'packages/backend-NAME/src',
  balancer: 'packages/plugins/src/balancers',
  data: 'packages/plugins/src/data',
  depthMetric: 'packages/plugins/src/depth-metrics',
  evaluator: 'packages/plugins/src/evaluators',
  exporter: 'packages/plugins/src/exporters',
  family: 'packages/plugins/src/families',
  loss: 'packages/plugins/src/losses',
  mapping: 'packages/plugins/src/mappings',
  optimizer: 'packages/plugins/src/optimizers',
  pruner: 'packages/plugins/src/pruners',
  schedule: 'packages/plugins/src/schedules',
  scorer: 'packages/plugins/src/scorers',
  search: 'packages/plugins/src/search',
  subscriber: 'packages/plugins/src/subscribers',
};

/** Everything that the bundled plugins register. */
export function allStrategies(): readonly StrategyDefinition[] {
  const container = createRunContainer([minitronPlugin, ortPlugin, tfjsPlugin]);
  return (Object.keys(tokens) as StrategyKind[]).flatMap((kind) => [...strategies(container, kind)]);
}

/** Path of a strategy's page, from the repository root. */
export function pageOf({ kind, name }: StrategyDefinition): string {
  return `docs/strategies/${kind}/${name}.md`;
}

/** All pages by path. Throws when a strategy's file is not called as the strategy. */
export async function strategyPages(root: string): Promise<ReadonlyMap<string, string>> {
  const pages = new Map<string, string>();
  const sources = await Promise.all(
    allStrategies().map(async (definition) => ({ definition, source: await sourceOf(root, definition) })),
  );
  const docs = optionDocs(
    root,
    sources.map(({ source }) => source.file),
  );
  for (const { definition, source } of sources) {
    const text = strategyPage(definition, { ...source, options: docs(source.file) }, '../../..');
    pages.set(pageOf(definition), await format(text, { parser: 'markdown', printWidth: 120 }));
  }
  return pages;
}

async function sourceOf(root: string, { kind, name }: StrategyDefinition): Promise<StrategySource> {
  const folder = folders[kind].replace('NAME', name); // a backend has a package of its own
  const files = [`${folder}/${name}.ts`, `${folder}/${name}-${kind}.ts`];
  const file = files.find((own) => existsSync(path.join(root, own)));
  if (file === undefined) throw new Error(`${kind} "${name}": there is no file ${files.join(' or ')}`);
  const spec = file.replace(/\.ts$/, '.spec.ts');
  const text = await readFile(path.join(root, file), 'utf8');
  if (!existsSync(path.join(root, spec))) return { file, text };
  return { file, text, spec: { file: spec, text: await readFile(path.join(root, spec), 'utf8') } };
}
