// Odd numbers at every place of a recipe that takes a number, as the schemas of recipe and strategies list them: refused in words, or
// worked with; never a broken invariant, a hang, or memory without end.
import { CancelledError, DivergedError, InputError, strategies, type StrategyKind } from '@espalier/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { recipeJsonSchema } from '../recipe/json-schema.js';
import type { RecipeInput } from '../recipe/schema.js';
import { createBench, type Bench } from '../testing/bench.js';
import { compress, finished } from './run.js';
import { createWorkbench } from './workbench.js';

let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
});
afterAll(() => bench.remove());

const odd = [-1, 0, 1e-320, 1e308, 2 ** 53, Number.NaN, Infinity, 'abc', null] as const;
/** Milliseconds after which a run that works is stopped. */
const LONG = 3000;
/** Bytes that all of this may take at its height. */
const MEMORY = 1.5e9;

type Place = readonly (string | number)[];

const node = z.looseObject({
  type: z.unknown().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
});

/** Places of a JSON Schema that take a number. */
function numbersIn(schema: unknown, place: Place = []): readonly Place[] {
  const parsed = node.safeParse(schema);
  if (!parsed.success) return [];
  const { type, properties = {}, items, anyOf = [], oneOf = [] } = parsed.data;
  const found = [
    ...(type === 'number' || type === 'integer' ? [place] : []),
    ...Object.entries(properties).flatMap(([key, own]) => numbersIn(own, [...place, key])),
    ...(items === undefined ? [] : numbersIn(items, [...place, 0])),
    ...[...anyOf, ...oneOf].flatMap((own) => numbersIn(own, place)),
  ];
  return [...new Map(found.map((own) => [own.join('.'), own])).values()];
}

/** The same with a value at a place; what is missing on the way is made. */
function withValue(whole: unknown, [key, ...rest]: Place, value: unknown): unknown {
  if (key === undefined) return value;
  if (typeof key === 'number') {
    const list: readonly unknown[] = Array.isArray(whole) ? whole : [];
    return [withValue(list[key], rest, value), ...list.slice(1)];
  }
  const before = z.record(z.string(), z.unknown()).safeParse(whole);
  const own = before.success ? before.data : typeof whole === 'string' ? { name: whole } : {};
  return { ...own, [key]: withValue(own[key], rest, value) };
}

const size = { batch: 2, length: 16 };
const distillation = { tokens: 32, ...size };
const base = (): RecipeInput => ({
  ...bench.recipe,
  evaluation: { maxTokens: 17, evaluators: ['perplexity'] },
  steps: [{ name: 'a', target: '70%', importance: { samples: 4, ...size }, distillation }],
});
const pretrained = (): RecipeInput => {
  const { model: _none, steps: _cut, ...rest } = base();
  const config = {
    ...{ model_type: 'llama', hidden_size: 16, intermediate_size: 32, num_hidden_layers: 1, num_attention_heads: 2 },
    ...{ vocab_size: 96, max_position_embeddings: 64, rms_norm_eps: 1e-5, hidden_act: 'silu' },
    tie_word_embeddings: true,
  };
  return { ...rest, pretraining: { config, tokenizer: bench.recipe.model ?? '', tokens: 64, ...size } };
};

/** What has gone wrong in a run of this recipe, where something has. */
async function fault(recipe: unknown, trained: boolean): Promise<string | undefined> {
  const signal = AbortSignal.timeout(LONG);
  const began = Date.now();
  const problem = await finished(
    compress(recipe as RecipeInput, { signal, ...(trained ? { until: { stage: 'distil' } } : {}) }),
  ).then(
    () => undefined,
    (error: unknown) => {
      // A training may run out of range: then it says so, and what can be done.
      if ([InputError, CancelledError, DivergedError].some((own) => error instanceof own)) return undefined;
      return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    },
  );
  const took = Date.now() - began;
  return problem ?? (took > 5 * LONG ? `it took ${took} ms` : undefined);
}

async function faults(recipe: unknown, place: Place): Promise<readonly string[]> {
  const found: string[] = [];
  for (const value of odd) {
    const own = await fault(withValue(recipe, place, value), place[0] === 'steps');
    if (own !== undefined) found.push(`${place.join('.')} = ${String(value)}: ${own}`);
  }
  return found;
}

const keys = numbersIn(recipeJsonSchema());

test('the recipe has the numbers that are tried', () => {
  expect(keys.length).toBeGreaterThan(25);
});

test.each(keys.map((place) => [place.join('.'), place] as const))('%s', { timeout: 300_000 }, async (_name, place) => {
  const recipe = place[0] === 'pretraining' ? pretrained() : base();
  // A weight is that of a loss, which has a name.
  const beside =
    place.at(-1) === 'weight' ? withValue(recipe, [...place.slice(0, -1), 'name'], 'cross-entropy') : recipe;
  expect(await faults(beside, place)).toEqual([]);
  expect(process.resourceUsage().maxRSS * 1024).toBeLessThan(MEMORY);
});

/** Where a recipe names a strategy of a kind. */
const named: Partial<Record<StrategyKind, readonly [place: Place]>> = {
  scorer: [['steps', 0, 'importance', 'scorers', 0]],
  loss: [['steps', 0, 'distillation', 'losses', 0]],
  balancer: [['steps', 0, 'distillation', 'balancer']],
  mapping: [['steps', 0, 'distillation', 'mapping']],
  optimizer: [['steps', 0, 'distillation', 'optimizer']],
  schedule: [['steps', 0, 'distillation', 'schedule']],
  stop: [['steps', 0, 'distillation', 'stop']],
  pruner: [['steps', 0, 'pruner']],
  search: [['steps', 0, 'search']],
  evaluator: [['evaluation', 'evaluators', 0]],
  data: [['data']],
  backend: [['backend']],
};
const { container } = createWorkbench({ seed: 1 });
const options = Object.entries(named).flatMap(([kind, [place]]) =>
  strategies(container, kind as StrategyKind).flatMap(({ name, options: schema }) =>
    numbersIn(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })).map(
      (own) => [`${kind} ${name}: ${own.join('.')}`, name, place, own] as const,
    ),
  ),
);

test.each(options)('%s', { timeout: 300_000 }, async (_title, name, place, own) => {
  const recipe =
    place[0] === 'data' ? { ...base(), data: { source: name } } : withValue(base(), [...place, 'name'], name);
  expect(await faults(recipe, [...place, ...own])).toEqual([]);
  expect(process.resourceUsage().maxRSS * 1024).toBeLessThan(MEMORY);
});
