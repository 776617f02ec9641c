// Every strategy's page, by path. Which file a strategy is in follows from its kind and name: one string finds both.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createRunContainer, strategies, tokens, type StrategyDefinition, type StrategyKind } from '@espalier/core';
import { ortPlugin } from '@espalier/backend-ort';
import { tfjsPlugin } from '@espalier/backend-tfjs';
import { minitronPlugin } from '@espalier/plugins';
import { format } from 'prettier';
import type { StrategyNames } from './recipe-page.js';
import { strategyPage, type StrategySource } from './strategy-page.js';

/** Everything that the bundled plugins register. */
export function allStrategies(): readonly StrategyDefinition[] {
  const container = createRunContainer([minitronPlugin, ortPlugin, tfjsPlugin]);
  return (Object.keys(tokens) as StrategyKind[]).flatMap((kind) => [...strategies(container, kind)]);
}

/** Path of a strategy's page, from the repository root. */
export function pageOf({ kind, name }: StrategyDefinition): string {
  return `docs/strategies/${kind}/${name}.md`;
}

/** Names of the bundled strategies by kind, with the page of each as seen from docs/. */
export function strategyNames(): StrategyNames {
  const names = new Map<StrategyKind, (readonly [string, string])[]>();
  for (const own of allStrategies())
    names.set(own.kind, [...(names.get(own.kind) ?? []), [own.name, pageOf(own).replace('docs/', '')]]);
  return names;
}

/** All pages by path. Throws when a strategy's file is not called as the strategy. */
export async function strategyPages(root: string): Promise<ReadonlyMap<string, string>> {
  const pages = new Map<string, string>();
  const sources = await Promise.all(
    allStrategies().map(async (definition) => ({ definition, source: await sourceOf(root, definition) })),
  );
  for (const { definition, source } of sources) {
    const text = strategyPage(definition, source, '../../..');
    pages.set(pageOf(definition), await format(text, { parser: 'markdown', printWidth: 120 }));
  }
  return pages;
}

async function sourceOf(root: string, { kind, name }: StrategyDefinition): Promise<StrategySource> {
  const folder = kind === 'backend' ? `packages/backend-${name}/src` : `packages/plugins/src/${kind}`;
  const files = [`${folder}/${name}.ts`, `${folder}/${name}-${kind}.ts`];
  const file = files.find((own) => existsSync(path.join(root, own)));
  if (file === undefined) throw new Error(`${kind} "${name}": there is no file ${files.join(' or ')}`);
  const spec = file.replace(/\.ts$/, '.spec.ts');
  const text = await readFile(path.join(root, file), 'utf8');
  if (!existsSync(path.join(root, spec))) return { file, text };
  return { file, text, spec: { file: spec, text: await readFile(path.join(root, spec), 'utf8') } };
}
