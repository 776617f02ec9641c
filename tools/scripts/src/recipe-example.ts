// Where in a recipe a strategy is named, as lines to copy: with its options at their defaults, and an example for those that it must
// be given. Families are not named (a model's config says which it is).
import type { StrategyDefinition, StrategyKind } from '@espalier/core';
import { z } from 'zod';

/** Lines around the name, for each kind that a recipe names; `NAME` stands for the name with its options. */
const places: { readonly [Kind in StrategyKind]: string | undefined } = {
  family: undefined,
  data: 'data: { source: BARE }',
  scorer: 'steps:\n  - importance: { scorers: [NAME] }',
  search: 'steps:\n  - search: NAME',
  pruner: 'steps:\n  - pruner: NAME',
  loss: 'steps:\n  - distillation: { losses: [NAME] }',
  balancer: 'steps:\n  - distillation: { balancer: NAME }',
  mapping: 'steps:\n  - distillation: { mapping: NAME }',
  optimizer: 'steps:\n  - distillation: { optimizer: NAME }',
  schedule: 'steps:\n  - distillation: { schedule: NAME }',
  evaluator: 'evaluation: { evaluators: [NAME] }',
  exporter: 'export: { folder: smaller, exporter: NAME }',
  subscriber: 'subscribers: [NAME]',
  stop: 'steps:\n  - distillation: { stop: NAME, validateEvery: 10 }',
  transform: 'steps:\n  - transforms: [{ at: after-prune, name: BARE }]',
  backend: 'backend: BARE',
};

const property = z.looseObject({
  type: z.string().optional(),
  default: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
});
const objectSchema = z.object({
  properties: z.record(z.string(), property).default({}),
  required: z.array(z.string()).default([]),
});

/** YAML for a recipe that names the strategy; nothing for a kind that no recipe names. */
export function recipeExample({ kind, name, options }: StrategyDefinition): string | undefined {
  if (kind === 'data' && name === 'text') return 'data: { source: corpus.txt } # a file is read by text';
  const { properties, required } = objectSchema.parse(z.toJSONSchema(options, { io: 'input', unrepresentable: 'any' }));
  const shown = Object.entries(properties).flatMap(([own, schema]) => {
    const value = schema.default ?? (required.includes(own) ? exampleOf(schema) : undefined);
    return value === undefined ? [] : [`${own}: ${flow(value)}`];
  });
  const full = shown.length === 0 ? name : `{ name: ${name}, ${shown.join(', ')} }`;
  return places[kind]?.replace('NAME', full).replace('BARE', name);
}

/** A value that a person might give, by its type. */
function exampleOf({ type, enum: choices, ...rest }: z.infer<typeof property>): unknown {
  if (choices !== undefined) return choices[0];
  if (type === 'integer') return 1;
  if (type === 'number') return 0.001;
  if (type === 'string') return 'name';
  const item = property.safeParse(rest['items']);
  if (type === 'array') return item.success ? [exampleOf(item.data)] : [];
  if (type !== 'object') return undefined;
  const { properties } = objectSchema.parse(rest);
  return Object.fromEntries(Object.entries(properties).map(([own, schema]) => [own, exampleOf(schema)]));
}

/** A value in YAML's flow style; strings that YAML would take for something else are quoted. */
export function flow(value: unknown): string {
  if (typeof value === 'string')
    return /^[a-z][\w./-]*$/i.test(value) && !/^(true|false|null|yes|no|on|off)$/i.test(value)
      ? value
      : JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const entries = Object.entries(value).map(([key, own]) => `${key}: ${flow(own)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}
