// One container per run, filled by explicit registration; strategies are looked up by kind and name.
import 'reflect-metadata';
import { container as root, type DependencyContainer } from 'tsyringe';
import { InputError } from '../errors.js';
import { nearest } from '../nearest.js';
import { checkedOptions } from './options-error.js';
import type { Plugin, Strategies, StrategyDefinition, StrategyKind } from './plugin.js';
import { runTokens, tokens, type RunServices } from './tokens.js';

/** The container of one run. */
export type RunContainer = DependencyContainer;

/**
 * A fresh container with the strategies of these plugins. Throws `InputError` for a kind that there is not, and when two bring the
 * same kind and name.
 */
export function createRunContainer(plugins: readonly Plugin[]): RunContainer {
  const container = root.createChildContainer();
  const owners = new Map<string, string>();
  for (const plugin of plugins) {
    const asked = `use plugin ${plugin.name}`;
    for (const { kind, name, summary, options, create } of plugin.provides) {
      const key = `${kind} "${name}"`;
      const owner = owners.get(key);
      if (!Object.hasOwn(tokens, kind)) {
        const found = `it provides ${key}, and kinds are ${Object.keys(tokens).join(', ')}`;
        throw new InputError({ asked, found, fix: 'Declare it with strategy(kind, { … })' });
      }
      if (owner !== undefined) {
        const found = `${key} is provided by both ${owner} and ${plugin.name}`;
        throw new InputError({ asked, found, fix: 'Leave one of them out' });
      }
      owners.set(key, plugin.name);
      const definition: StrategyDefinition = { kind, name, summary, options, create, plugin: plugin.name };
      container.registerInstance(tokens[kind], definition);
    }
  }
  return container;
}

/** Offers a run's services to strategies that are classes, under `runTokens`; those that are not given stay as they were. */
export function provideServices(container: RunContainer, services: Partial<RunServices>): void {
  const { options: _own, ...known } = runTokens;
  for (const [name, token] of Object.entries(known)) {
    const service = Object.entries(services).find(([own]) => own === name)?.[1];
    if (service !== undefined) container.registerInstance<unknown>(token, service);
  }
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
  if (definition !== undefined) return checkedOptions(definition, () => definition.create(options, container));
  const names = known.map((own) => own.name);
  const guess = nearest(name, names);
  const own = kind === 'backend' && /^\w+$/.test(name) ? deviceHint(name, names) : 'Name one of these';
  throw new InputError({
    asked: `use ${kind} "${name}"`,
    found: `known are ${names.join(', ') || 'none'}`,
    fix: guess === undefined ? own : `Perhaps "${guess}" was meant`,
  });
}

/** What is called a backend is often one's device. */
function deviceHint(name: string, backends: readonly string[]): string {
  const spelt = backends.map((own) => `${own}:${name}`).join(' or ');
  return `Name one of these; a device stands behind its backend (${spelt}), and "espalier devices" lists those of this machine`;
}
