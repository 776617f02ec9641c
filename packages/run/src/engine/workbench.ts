// The one place that wires everything: plugins, backend, families.
import { createRequire } from 'node:module';
import {
  type Backend,
  createRunContainer,
  createStrategy,
  provideServices,
  random,
  strategies,
  type Logger,
  type ModelFamily,
  type Plugin,
  type RunContainer,
  type StageContext,
} from '@espalier/core';
import type { NamedStrategy } from '../steps/step-schema.js';
import { z } from 'zod';
import { ortPlugin } from '@espalier/backend-ort';
import { tfjsPlugin } from '@espalier/backend-tfjs';
import { minitronPlugin } from '@espalier/plugins';
import { backendOf } from '../recipe/backend-name.js';

/** What a command works with. */
export interface Workbench {
  readonly container: RunContainer;
  readonly context: StageContext;
  readonly families: readonly ModelFamily[];
}

/** What a command says of how it is to run. */
export interface WorkbenchOptions {
  readonly seed: number;
  readonly threads?: number | undefined;
  /** `ort`, `tfjs`, or one of their devices: `ort:webgpu`, `tfjs:wasm`; `ort` when not given. */
  readonly backend?: string | NamedStrategy | undefined;
  readonly plugins?: readonly Plugin[];
  /** Where the run is or will be, for strategies that ask for it. */
  readonly runFolder?: string | undefined;
}

/** What strategies that are classes say goes to stderr, like everything that is not a result. */
const logger: Logger = {
  info: (message) => void process.stderr.write(`espalier: ${message}\n`),
  warn: (message) => void process.stderr.write(`espalier: warning: ${message}\n`),
};

/** The plugins that are always there. */
export const bundledPlugins = [minitronPlugin, ortPlugin, tfjsPlugin];

/**
 * A container with the bundled plugins, and the context of a run. Throws `InputError` for a backend that does not exist; its device
 * is looked for by `startBackend`.
 */
export function createWorkbench(given: WorkbenchOptions): Workbench {
  const { seed, threads, backend: asked = 'ort', plugins = [], runFolder } = given;
  const container = createRunContainer([...bundledPlugins, ...plugins]);
  const folder = runFolder === undefined ? {} : { runFolder };
  provideServices(container, { logger, random: random(seed).fork('plugins'), ...folder });
  const { name, options } = typeof asked === 'string' ? backendOf(asked, threads) : asked;
  const backend = createStrategy(container, 'backend', name, options);
  provideServices(container, { backend });
  const families = strategies(container, 'family').map((own) => createStrategy(container, 'family', own.name));
  return { container, context: { backend, random: random(seed) }, families };
}

/** Starts the device of a backend, so that one that is not there is found before anything is read or written. */
export async function startBackend(backend: Backend): Promise<void> {
  const state = await backend.createState({});
  await state.dispose();
}

/** Versions that a result depends on: of this package, of Node and of what the backend computes with. */
export function versions(backend: Backend): Readonly<Record<string, string>> {
  const manifest: unknown = createRequire(import.meta.url)('../../package.json');
  const { version } = z.object({ version: z.string() }).parse(manifest);
  return { espalier: version, node: process.versions.node, ...backend.versions?.() };
}
