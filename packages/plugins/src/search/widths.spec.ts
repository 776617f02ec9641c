// Shapes of public models: widths that products run fast on, that quantised blocks fit and that other tools load.
import { chooseArchitecture, modelParameters, parseTarget, type Architecture, type ModelShape } from '@espalier/core';
import { expect, test } from 'vitest';
import { llama } from '../family/llama.js';
import { qwen2 } from '../family/qwen2.js';
import { gridSearch } from './grid.js';
import { proportionalWidthSearch } from './proportional-width.js';
import { hiddenWidths } from './widths.js';

const shape = (sizes: Omit<Architecture['sizes'], 'headDim'>, layers: number, headDim = 64): Architecture => ({
  family: 'llama',
  layers,
  sizes: { ...sizes, headDim },
  tiedEmbeddings: true,
  normEpsilon: 1e-5,
  rope: { theta: 10000, scaling: { type: 'default' } },
  contextLength: 2048,
  biases: [],
});
const smol: ModelShape = {
  family: llama(),
  architecture: shape({ vocab: 49152, hidden: 576, ffn: 1536, heads: 9, kvHeads: 3 }, 30),
};
const qwen: ModelShape = {
  family: qwen2(),
  architecture: shape({ vocab: 151936, hidden: 896, ffn: 4864, heads: 14, kvHeads: 2 }, 24),
};
const llama1b: ModelShape = {
  family: llama(),
  architecture: shape({ vocab: 128256, hidden: 2048, ffn: 8192, heads: 32, kvHeads: 8 }, 16),
};

test.each<[name: string, model: ModelShape, multiple: number]>([
  ['SmolLM2-135M', smol, 32],
  ['Qwen2.5-0.5B', qwen, 64],
  ['Llama-3.2-1B', llama1b, 256],
])(
  '%s becomes narrower by multiples of 32 at least, it loads elsewhere, and the target is nearly met',
  (_, model, multiple) => {
    const whole = modelParameters(model).parameters;
    for (const share of [0.5, 0.6, 0.7, 0.8, 0.9]) {
      const { sizes } = chooseArchitecture(proportionalWidthSearch(), model, parseTarget(`${share * 100}%`));
      expect([sizes.hidden % multiple, sizes.ffn % 64]).toEqual([0, 0]);
      expect(model.family.problem?.({ ...model.architecture, sizes })).toBeUndefined();
      expect(sizes.heads % sizes.kvHeads).toBe(0);
      const kept = modelParameters({ ...model, architecture: { ...model.architecture, sizes } }).parameters / whole;
      expect(kept).toBeLessThanOrEqual(share);
      expect(kept, `${share}: ${JSON.stringify(sizes)}`).toBeGreaterThan(0.95 * share);
      const ratio = sizes.hidden / model.architecture.sizes.hidden / (sizes.ffn / model.architecture.sizes.ffn);
      expect(Math.abs(Math.log(ratio)), `${share}: ${JSON.stringify(sizes)}`).toBeLessThan(0.5);
    }
  },
);

test('a multiple that is asked for is kept, in a grid as well, for its expansions too', () => {
  const half = parseTarget('50%');
  for (const multipleOf of [8, 16, 128]) {
    const { sizes } = chooseArchitecture(proportionalWidthSearch({ multipleOf }), qwen, half);
    expect([sizes.hidden % multipleOf, sizes.ffn % multipleOf]).toEqual([0, 0]);
    const grid = chooseArchitecture(gridSearch({ multipleOf, expansion: [2.7, 4.3] }), qwen, half);
    expect([grid.sizes.hidden % multipleOf, grid.sizes.ffn % multipleOf]).toEqual([0, 0]);
  }
});

test('a grid that is asked for nothing has multiples of 64', () => {
  for (const model of [smol, qwen, llama1b]) {
    const { sizes } = chooseArchitecture(gridSearch(), model, parseTarget('60%'));
    expect([sizes.hidden % 64, sizes.ffn % 64]).toEqual([0, 0]);
    expect(model.family.problem?.({ ...model.architecture, sizes })).toBeUndefined();
  }
});

test('models below 512 go in steps of 8, or to the next size below that their heads divide', () => {
  const small = shape({ vocab: 8192, hidden: 256, ffn: 688, heads: 8, kvHeads: 4 }, 12, 32);
  const widths = hiddenWidths({ family: llama(), architecture: small });
  expect(widths.map(({ hidden }) => hidden)).toEqual(Array.from({ length: 32 }, (_, index) => 8 * (index + 1)));
  expect(new Set(widths.map(({ heads }) => heads))).toEqual(new Set([8]));
});
