// Shapes that the benchmarks are run on: those of public checkpoints, and the small ones that they began with.
import type { Architecture } from '@espalier/core';

const llama = (
  layers: number,
  sizes: Architecture['sizes'],
  { theta = 10000, tiedEmbeddings = true, contextLength = 2048 } = {},
): Architecture => ({
  family: 'llama',
  layers,
  sizes,
  tiedEmbeddings,
  normEpsilon: 1e-5,
  rope: { theta, scaling: { type: 'default' } },
  contextLength,
  biases: [],
});

/** By the names that the benchmarks take. */
export const shapes: Readonly<Record<string, Architecture>> = {
  '8.5m': llama(
    6,
    { vocab: 8192, hidden: 256, ffn: 688, heads: 8, kvHeads: 4, headDim: 32 },
    { tiedEmbeddings: false, contextLength: 256 },
  ),
  '25m': llama(
    6,
    { vocab: 8192, hidden: 512, ffn: 1376, heads: 8, kvHeads: 4, headDim: 64 },
    { tiedEmbeddings: false, contextLength: 512 },
  ),
  '88m': llama(12, { vocab: 16384, hidden: 768, ffn: 2048, heads: 12, kvHeads: 4, headDim: 64 }),
  // SmolLM2-135M
  '135m': llama(30, { vocab: 49152, hidden: 576, ffn: 1536, heads: 9, kvHeads: 3, headDim: 64 }, { theta: 100000 }),
  // Qwen2.5-0.5B, without its biases
  '0.5b': llama(24, { vocab: 151936, hidden: 896, ffn: 4864, heads: 14, kvHeads: 2, headDim: 64 }, { theta: 1e6 }),
  // Llama-3.2-1B
  '1b': llama(16, { vocab: 128256, hidden: 2048, ffn: 8192, heads: 32, kvHeads: 8, headDim: 64 }, { theta: 500000 }),
  // Llama-3.1-8B
  '8b': llama(
    32,
    { vocab: 128256, hidden: 4096, ffn: 14336, heads: 32, kvHeads: 8, headDim: 128 },
    { theta: 500000, tiedEmbeddings: false },
  ),
};

/** The shape of that name. Throws `RangeError` for another. */
export function shapeNamed(name: string): Architecture {
  const found = Object.hasOwn(shapes, name) ? shapes[name] : undefined;
  if (found === undefined) throw new RangeError(`--shape is one of ${Object.keys(shapes).join(', ')}`);
  return found;
}
