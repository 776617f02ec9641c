// The one place that wires everything: plugins, backend, families.
import { createRequire } from 'node:module';
import {
  createRunContainer,
  createStrategy,
  random,
  strategies,
  type ModelFamily,
  type RunContainer,
  type StageContext,
} from '@espalier/core';
import { ortPlugin } from '@espalier/backend-ort';
import { minitronPlugin } from '@espalier/plugins';

/** What a command works with. */
export interface Workbench {
  readonly container: RunContainer;
  readonly context: StageContext;
  readonly families: readonly ModelFamily[];
}

/** A container with the bundled plugins, and the context of a run. */
export function createWorkbench({ seed, threads }: { readonly seed: number; readonly threads?: number }): Workbench {
  const container = createRunContainer([minitronPlugin, ortPlugin]);
  const backend = createStrategy(container, 'backend', 'ort', threads === undefined ? {} : { threads });
  const families = strategies(container, 'family').map((definition) => definition.create({}));
  return { container, context: { backend, random: random(seed) }, families };
}

/** Versions that a result depends on. */
export function versions(): Readonly<Record<string, string>> {
  const require = createRequire(import.meta.url);
  const versionOf = (manifest: unknown): string =>
    typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : 'unknown';
  return {
    espalier: versionOf(require('../package.json')),
    node: process.versions.node,
    'onnxruntime-node': versionOf(require('onnxruntime-node/package.json')),
  };
}
