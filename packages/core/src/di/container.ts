// One container per run, filled by explicit registration; strategies are looked up by kind and name.
import 'reflect-metadata';
import { container as root, type DependencyContainer } from 'tsyringe';
import { ZodError } from 'zod';
import { InputError } from '../errors.js';
import { nearest } from '../nearest.js';
import type { Plugin, Strategies, StrategyDefinition, StrategyKind } from './plugin.js';
import { wrongOptions } from './options-error.js';
import { runTokens, tokens, type RunServices } from './tokens.js';

/** The container of one run. */
export type RunContainer = DependencyContainer;

/** A fresh container with the strategies of these plugins. Throws `InputError` when two bring the same kind and name. */
export function createRunContainer(plugins: readonly Plugin[]): RunContainer {
  const container = root.createChildContainer();
  const owners = new Map<string, string>();
  for (const plugin of plugins) {
    for (const definition of plugin.provides) {
      const key = `${definition.kind} "${definition.name}"`;
      const owner = owners.get(key);
      if (owner !== undefined) {
        const found = `${key} is provided by both ${owner} and ${plugin.name}`;
        throw new InputError({ asked: `use plugin ${plugin.name}`, found, fix: 'Leave one of them out' });
      }
      owners.set(key, plugin.name);
      container.registerInstance<StrategyDefinition>(tokens[definition.kind], { ...definition, plugin: plugin.name });
    }
  }
  return container;
}

/** Offers a run's services to strategies that are classes, under `runTokens`; those that are not given stay as they were. */
export function provideServices(container: RunContainer, services: Partial<RunServices>): void {
  const { logger, random, backend, runFolder } = services;
  if (logger !== undefined) container.registerInstance(runTokens.logger, logger);
  if (random !== undefined) container.registerInstance(runTokens.random, random);
  if (backend !== undefined) container.registerInstance(runTokens.backend, backend);
  if (runFolder !== undefined) container.registerInstance(runTokens.runFolder, runFolder);
}

/** All strategies of a kind, in order of registration. */
export function strategies<Kind extends StrategyKind>(
  container: RunContainer,
  kind: Kind,
): readonly StrategyDefinition<Kind>[] {
  return container.isRegistered(tokens[kind]) ? container.resolveAll(tokens[kind]) : [];
}

/**
 * Makes the strategy of a kind and name. Throws `InputError` for an unknown name (with the nearest known) or for options that
 * its schema refuses (with the option and what it may be).
 */
export function createStrategy<Kind extends StrategyKind>(
  container: RunContainer,
  kind: Kind,
  name: string,
  options: unknown = {},
): Strategies[Kind] {
  const known = strategies(container, kind);
  const definition = known.find((own) => own.name === name);
  const asked = `use ${kind} "${name}"`;
  if (definition === undefined) {
    const names = known.map((own) => own.name);
    const guess = nearest(name, names);
    const found = `known are ${names.join(', ') || 'none'}`;
    throw new InputError({
      asked,
      found,
      fix: guess === undefined ? 'Name one of these' : `Perhaps "${guess}" was meant`,
    });
  }
  try {
    return definition.create(options, container);
  } catch (cause) {
    if (!(cause instanceof ZodError)) throw cause;
    throw wrongOptions(asked, definition, cause);
  }
}
