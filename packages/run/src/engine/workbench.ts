// The one place that wires everything: plugins, backend, families.
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import {
  createRunContainer,
  createStrategy,
  mapPaths,
  provideServices,
  random,
  strategies,
  terminalLine,
  type Logger,
  type ModelFamily,
  type Plugin,
  type RunContainer,
  type StageContext,
  type StrategyDefinition,
  type StrategyKind,
} from '@espalier/core';
import type { Backend } from '@espalier/core/graph';
import { z, ZodError } from 'zod';
import { ortPlugin } from '@espalier/backend-ort';
import { tfjsPlugin } from '@espalier/backend-tfjs';
import { minitronPlugin } from '@espalier/plugins';
import { redactError, redactor } from '../secrets/redact.js';
import { checkPublic, resolved, variablesIn } from '../secrets/references.js';
import type { Variables } from '../secrets/variables.js';
import { backendOf } from '../recipe/backend-name.js';
import { strategyNamed, type NamedStrategy } from '../steps/named-strategy.js';

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
  /** Where strategies say what they have to; stderr when not given. */
  readonly logger?: Logger;
  /** The folder that relative paths in options are seen from; the current one when not given. */
  readonly seenFrom?: string;
  /** What `${env:NAME}` in options of strategies stands for; those of the process when not given. */
  readonly variables?: Variables;
}

/** Where there is no run whose events could say it, what strategies say goes to stderr, like everything that is not a result. */
const stderr = (variables: Variables): Logger => {
  const say = (start: string, message: string): void =>
    void process.stderr.write(`espalier: ${start}${terminalLine(redactor([], variables)(message))}\n`);
  return { info: (message) => say('', message), warn: (message) => say('warning: ', message) };
};

/** The plugins that are always there. */
export const bundledPlugins = [minitronPlugin, ortPlugin, tfjsPlugin];

/**
 * A container with the bundled plugins, and the context of a run. Throws `InputError` for a backend that does not exist; its device
 * is looked for by `startBackend`.
 */
export function createWorkbench(given: WorkbenchOptions): Workbench {
  const { seed, threads, backend: asked = 'ort', plugins = [], runFolder } = given;
  const { variables = process.env, seenFrom = process.cwd(), logger = stderr(variables) } = given;
  const container = createRunContainer(
    [...bundledPlugins, ...plugins].map((own) => settledOptions(own, { variables, seenFrom })),
  );
  const folder = runFolder === undefined ? {} : { runFolder };
  provideServices(container, { logger, random: random(seed).fork('plugins'), clock: { now: Date.now }, ...folder });
  const named = typeof asked === 'string' ? backendOf(asked, threads) : asked;
  const backend = strategyNamed(container, 'backend', named);
  provideServices(container, { backend });
  const families = strategies(container, 'family').map((own) => createStrategy(container, 'family', own.name));
  return { container, context: { backend, random: random(seed) }, families };
}

/** A plugin whose strategies are given what the references in their options stand for: here, and nowhere else, are they looked up. */
function settledOptions(
  { name, provides }: Plugin,
  setting: Required<Pick<WorkbenchOptions, 'variables' | 'seenFrom'>>,
): Plugin {
  return { name, provides: provides.map((own) => lookedUp(own, setting)) };
}

function lookedUp<Kind extends StrategyKind>(
  definition: StrategyDefinition<Kind>,
  { variables, seenFrom }: Required<Pick<WorkbenchOptions, 'variables' | 'seenFrom'>>,
): StrategyDefinition<Kind> {
  // A declared strategy is a function, whose name a spread would leave behind.
  const { kind, name, summary, options: schema } = definition;
  return {
    kind,
    name,
    summary,
    options: schema,
    create(options, container) {
      const names = variablesIn(options);
      const made = (own: unknown) =>
        definition.create(
          mapPaths(schema, own, (path) => resolve(seenFrom, path)),
          container,
        );
      if (names.length === 0) return made(options);
      mapPaths(schema, options, (path) => (checkPublic([kind, name], path), path));
      try {
        return made(resolved(options, variables));
      } catch (error) {
        throw error instanceof ZodError ? error : redactError(error, redactor(names, variables));
      }
    },
  };
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
