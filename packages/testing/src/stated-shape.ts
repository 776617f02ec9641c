// A model that is nothing but what it says: its logits and states are its weights, so that losses and their gradients can be
// checked against numbers from elsewhere without a forward pass.
import type { Architecture, ModelFamily, ModelShape, WeightAxis } from '@espalier/core';

/** States of a layer and their second axis. */
const layered = {
  blockOutput: 'hidden',
  ffnNorm: 'hidden',
  attentionAdded: 'hidden',
  queries: 'heads·headDim',
  keys: 'kvHeads·headDim',
  values: 'kvHeads·headDim',
} as const satisfies Readonly<Record<string, WeightAxis>>;

const names = Object.keys(layered) as (keyof typeof layered)[];

const family: ModelFamily = {
  name: 'stated',
  summary: 'for tests',
  modelTypes: ['stated'],
  readConfig() {
    throw new Error('a stated model has no config');
  },
  writeConfig: (original) => original,
  weights: ({ layers }) => [
    { name: 'logits', axes: ['ffn', 'vocab'], kind: 'matrix' },
    { name: 'embedding', axes: ['ffn', 'hidden'], kind: 'matrix' },
    ...Array.from({ length: layers }, (_, layer) =>
      names.map((name) => ({ name: `${name}.${layer}`, axes: ['ffn', layered[name]], layer, kind: 'matrix' }) as const),
    ).flat(),
  ],
  forward({ layers }, { weight, tap = (_name, value) => value }) {
    tap('embedding', weight('embedding'));
    for (let layer = 0; layer < layers; layer++) {
      for (const name of names) tap(name, weight(`${name}.${layer}`), layer);
    }
    return weight('logits');
  },
};

/** Sizes of such a model: those of an architecture without ffn, which stands for its rows. */
export type StatedSizes = Omit<Architecture['sizes'], 'ffn'> & {
  /** Number of layers. */
  readonly layers: number;
};

/** Weights `logits`, `embedding`, `blockOutput.0`, `queries.0`, …, of N rows each. */
export function statedShape({ layers, ...sizes }: StatedSizes, rows: number): ModelShape {
  const architecture: Architecture = {
    family: 'stated',
    layers,
    sizes: { ...sizes, ffn: rows },
    tiedEmbeddings: false,
    normEpsilon: 1e-5,
    rope: { theta: 10000, scaling: { type: 'default' } },
    contextLength: rows,
    biases: [],
  };
  return { family, architecture };
}
