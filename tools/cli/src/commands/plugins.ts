// `espalier plugins`: every strategy that can be named, where it comes from, and its options.
import { InputError, strategies, tokens, type StrategyKind } from '@espalier/core';
import { z } from 'zod';
import { createWorkbench, loadPlugins } from '@espalier/run';
import { printJson, printLines } from '../terminal/print.js';

const schema = z.object({ plugin: z.array(z.string()).default([]), kind: z.string().optional(), json: z.boolean() });

/** Runs the verb with the flags that commander has parsed. */
export async function pluginsCommand(given: unknown): Promise<void> {
  const { plugin, kind, json } = schema.parse(given);
  const { container } = createWorkbench({ seed: 1, plugins: await loadPlugins(plugin, process.cwd()) });
  const kinds = kindsOf(kind);
  const found = kinds.flatMap((own) =>
    strategies(container, own).map(({ name, summary, plugin: from, options }) => ({
      kind: own,
      name,
      summary,
      plugin: from ?? '',
      options: optionsOf(options),
    })),
  );
  if (json) return printJson(found);
  for (const own of kinds) {
    printLines(own);
    for (const { name, summary, plugin: from, options } of found.filter((each) => each.kind === own)) {
      const list = Object.entries(options).map(([option, form]) => `${option}${form === '' ? '' : ` (${form})`}`);
      printLines(`  ${name.padEnd(22)} ${summary} [${from}]`);
      if (list.length > 0) printLines(`  ${''.padEnd(22)} options: ${list.join(', ')}`);
    }
  }
}

function kindsOf(kind: string | undefined): readonly StrategyKind[] {
  const known = Object.keys(tokens).filter((own): own is StrategyKind => own in tokens);
  if (kind === undefined) return known;
  const own = known.find((each) => each === kind);
  if (own !== undefined) return [own];
  throw new InputError({
    asked: `list strategies of kind "${kind}"`,
    found: 'there is no such kind',
    fix: `Kinds are ${known.join(', ')}`,
  });
}

/** Options by name with their form in a word: type, choices, default. */
function optionsOf(schemaOf: z.ZodType): Readonly<Record<string, string>> {
  const json = z.looseObject({ properties: z.record(z.string(), z.looseObject({})).default({}) });
  const { properties } = json.parse(z.toJSONSchema(schemaOf, { io: 'input', unrepresentable: 'any' }));
  return Object.fromEntries(Object.entries(properties).map(([name, own]) => [name, formOf(own)]));
}

function formOf(own: Readonly<Record<string, unknown>>): string {
  const { type, enum: choices, default: preset } = own;
  const form = Array.isArray(choices) ? choices.join(' | ') : typeof type === 'string' ? type : '';
  return preset === undefined ? form : `${form}, default ${JSON.stringify(preset)}`;
}
