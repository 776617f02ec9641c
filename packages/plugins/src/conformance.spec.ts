// Every bundled strategy passes the suite of its kind.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createRunContainer,
  createStrategy,
  provideServices,
  strategies,
  tokens,
  type LossTerm,
  type Strategies,
  type StrategyKind,
} from '@espalier/core';
import {
  describeBalancer,
  describeDataSource,
  describeEvaluator,
  describeExporter,
  describeFamily,
  describeLoss,
  describeMapping,
  describeOptimizer,
  describePruner,
  describeSchedule,
  describeScorer,
  describeSearch,
  describeStop,
  describeSubscriber,
  type LossGroup,
  type PrunerAxis,
} from '@espalier/testing';
import { afterAll, expect, test } from 'vitest';
import { minitronPlugin } from './minitron.js';

const container = createRunContainer([minitronPlugin]);
provideServices(container, { clock: { now: Date.now } });
const names = (kind: StrategyKind): readonly string[] => strategies(container, kind).map(({ name }) => name);

/** What was held to a suite, as `kind name`. */
const held = new Set<string>();
function made<Kind extends StrategyKind>(kind: Kind, name: string, options?: unknown): Strategies[Kind] {
  held.add(`${kind} ${name}`);
  return createStrategy(container, kind, name, options);
}
const folder = await mkdtemp(join(tmpdir(), 'espalier-conformance-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

for (const name of names('scorer')) {
  describeScorer(made('scorer', name), { equivariant: name !== 'random' });
}

/** What a student that says what the teacher says still loses: cross-entropies are not divergences. */
const neverZero = ['cross-entropy'];
for (const name of names('loss')) {
  const term: LossTerm = made('loss', name);
  describeLoss(term, { zeroWhenEqual: !neverZero.includes(name) });
}

const balanced: Readonly<Record<string, readonly LossGroup[]>> = {
  static: [],
  'dynamic-alpha': ['logits', 'states'],
  'lm-loss': ['data', 'logits'],
};
for (const [name, needs] of Object.entries(balanced)) {
  describeBalancer(made('balancer', name), { needs });
}

for (const name of ['uniform', 'from-last']) describeMapping(made('mapping', name));
const pairs = [0, 2].map((layer) => ({ student: layer, teacher: layer + 1 }));
describeMapping(made('mapping', 'explicit', { pairs }), { identity: false });

describeEvaluator(made('evaluator', 'perplexity'));
describeEvaluator(made('evaluator', 'cloze'));
describeEvaluator(made('evaluator', 'throughput', { batch: 1, length: 8, runs: 1 }), { repeatable: false });
describeStop(made('stop', 'plateau'));

describeExporter(made('exporter', 'safetensors'));
describeExporter(made('exporter', 'safetensors', { storage: 'F16', maxShardBytes: 500 }), {
  tolerance: 2 ** -11,
});

const pruned: Readonly<Record<string, readonly PrunerAxis[]>> = {
  width: ['hidden', 'ffn', 'heads'],
  depth: ['layers'],
  sublayer: ['layers'],
  joint: ['layers', 'hidden', 'ffn', 'heads'],
};
for (const [name, axes] of Object.entries(pruned)) {
  describePruner(made('pruner', name), { axes });
}

for (const name of names('schedule')) {
  describeSchedule(made('schedule', name, { peak: 1e-3, warmup: 2 }));
}
for (const name of names('optimizer')) describeOptimizer(made('optimizer', name));
for (const name of ['proportional-width', 'depth']) describeSearch(made('search', name));
for (const name of ['grid', 'halving']) describeSearch(made('search', name, { tolerance: 0.2 }));
describeDataSource(made('data', 'teacher', { batch: 64 }));
describeDataSource(made('data', 'tinytales'));
await writeFile(join(folder, 'text.txt'), Array.from({ length: 30 }, (_, n) => `line ${n % 12}\n`).join(''));
describeDataSource(made('data', 'text', { path: join(folder, 'text.txt') }));
describeSubscriber(made('subscriber', 'tensorboard', { folder: join(folder, 'events') }));

const config = {
  vocab_size: 40,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 3,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  head_dim: 8,
  max_position_embeddings: 64,
};
for (const name of names('family')) {
  const family = made('family', name);
  describeFamily(family, { ...config, model_type: family.modelTypes[0] ?? name });
}

test('no bundled strategy is left out', () => {
  const all = (Object.keys(tokens) as StrategyKind[]).flatMap((kind) => names(kind).map((name) => `${kind} ${name}`));
  expect(all.filter((own) => !held.has(own))).toEqual([]);
});
