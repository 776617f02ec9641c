// Whether what a module exports is a plugin. It is untrusted: every part is looked at before any of it is used.
import { InputError, tokens, type Plugin, type StrategyDefinition } from '@espalier/core';
import { z } from 'zod';

/** Results are kept by the names of strategies, and the second is no place of its own in a record. */
const unusable = ['', '__proto__'];

const definition = z.custom<StrategyDefinition>(
  (value) => {
    if (typeof value !== 'function' && typeof value !== 'object') return false;
    const member = (name: string): unknown => (value === null ? undefined : Reflect.get(value, name));
    const [kind, name] = [member('kind'), member('name')];
    return (
      typeof kind === 'string' &&
      Object.hasOwn(tokens, kind) &&
      typeof name === 'string' &&
      !unusable.includes(name) &&
      typeof member('summary') === 'string' &&
      typeof member('create') === 'function'
    );
  },
  `not made by strategy(kind, { … }); kinds are ${Object.keys(tokens).join(', ')}`,
);

const plugin = z.object({ name: z.string().min(1), provides: z.array(definition) });

/** The plugin that a module exports as its default. Throws `InputError` naming what is wrong with it. */
export function checkPlugin(module: unknown, from: { readonly name: string; readonly file: string }): Plugin {
  const { default: given } = z.object({ default: z.unknown() }).catch({ default: undefined }).parse(module);
  const parsed = plugin.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
  const found =
    given === undefined ? 'has no default export' : `exports no plugin (${where}${issue?.message ?? 'not valid'})`;
  throw new InputError({
    asked: `load plugin "${from.name}"`,
    found: `${from.file} ${found}`,
    fix: 'Write export default definePlugin({ name, provides: [strategy(kind, { … })] })',
  });
}
