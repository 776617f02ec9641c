// Every bundled strategy passes the suite of its kind.
import { createRunContainer, createStrategy, strategies, type LossTerm } from '@espalier/core';
import {
  describeDataSource,
  describeFamily,
  describeLoss,
  describeOptimizer,
  describePruner,
  describeSchedule,
  describeScorer,
  describeSearch,
  type PrunerAxis,
} from '@espalier/core/testing';
import { minitronPlugin } from './minitron.js';

const container = createRunContainer([minitronPlugin]);
const names = (kind: Parameters<typeof strategies>[1]): readonly string[] =>
  strategies(container, kind).map(({ name }) => name);

for (const name of names('scorer')) {
  describeScorer(createStrategy(container, 'scorer', name), { equivariant: name !== 'random' });
}

/** What a student that says what the teacher says still loses: cross-entropies are not divergences. */
const neverZero = ['cross-entropy'];
for (const name of names('loss')) {
  const term: LossTerm = createStrategy(container, 'loss', name);
  describeLoss(term, { zeroWhenEqual: !neverZero.includes(name) });
}

const pruned: Readonly<Record<string, readonly PrunerAxis[]>> = {
  width: ['hidden', 'ffn', 'heads'],
  depth: ['layers'],
  joint: ['layers', 'hidden', 'ffn', 'heads'],
};
for (const [name, axes] of Object.entries(pruned)) {
  describePruner(createStrategy(container, 'pruner', name), { axes });
}

for (const name of names('schedule')) {
  describeSchedule(createStrategy(container, 'schedule', name, { peak: 1e-3, warmup: 2 }));
}
for (const name of names('optimizer')) describeOptimizer(createStrategy(container, 'optimizer', name));
for (const name of ['proportional-width', 'depth']) describeSearch(createStrategy(container, 'search', name));
describeDataSource(createStrategy(container, 'data', 'teacher', { length: 8, batch: 2 }));

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
  const family = createStrategy(container, 'family', name);
  describeFamily(family, { ...config, model_type: family.modelTypes[0] ?? name });
}
