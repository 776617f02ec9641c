// What taps see where halves of layers were removed. That the decoder computes what it should is tested with the families.
import { expect, test } from 'vitest';
import { evaluate } from '../graph/evaluate.js';
import { input, type Tensor } from '../graph/index.js';
import { random } from '../random.js';
import { weightShape, type Architecture } from './architecture.js';
import { decoderWeights } from './decoder-weights.js';
import { decoder } from './decoder.js';
import { stateWeights, weightLookup } from './state-weights.js';

const whole: Architecture = {
  family: 'tiny',
  layers: 2,
  sizes: { vocab: 5, hidden: 4, ffn: 6, heads: 2, kvHeads: 1, headDim: 4 },
  tiedEmbeddings: true,
  normEpsilon: 1e-5,
  rope: { theta: 100, scaling: { type: 'default' } },
  contextLength: 8,
  biases: [],
};

/** Every tapped value of three tokens, and the logits. */
function taps(architecture: Architecture): {
  readonly shapes: Record<string, readonly number[]>;
  readonly values: Record<string, Float64Array>;
} {
  const family = {
    name: 'tiny',
    summary: '',
    modelTypes: [],
    readConfig: () => whole,
    writeConfig: (original: object) => ({ ...original }),
    weights: decoderWeights,
    forward: decoder,
  };
  const weight = weightLookup(stateWeights({ family, architecture }, (name) => name));
  const tapped: Record<string, Tensor> = {};
  const logits = decoder(architecture, {
    ids: input('ids', [1, 3], 'int32'),
    weight,
    tap: (name, value, layer = -1) => (tapped[`${name} ${layer}`] = value),
  });
  const states = decoderWeights(architecture).map((spec) => {
    const stream = random(3).fork(spec.name);
    const length = weightShape(spec, architecture.sizes).reduce((a, b) => a * b, 1);
    return [spec.name, Float64Array.from({ length }, () => stream.normal())] as const;
  });
  const values = evaluate({ ...tapped, logits }, { inputs: { ids: [0, 3, 1] }, states: Object.fromEntries(states) });
  return { shapes: Object.fromEntries(Object.entries(tapped).map(([name, { shape }]) => [name, shape])), values };
}

test('taps of removed halves are zeros of the same shapes; the residual stream passes by', () => {
  const [before, after] = [taps(whole), taps({ ...whole, withoutAttention: [1], withoutFeedForward: [0] })];
  expect(after.shapes).toEqual(before.shapes);
  const attention = ['attentionNorm', 'queries', 'keys', 'values', 'attentionOutput', 'attentionAdded'];
  const silent = [...attention.map((name) => `${name} 1`), 'ffnNorm 0', 'ffnActivation 0'];
  for (const [name, values] of Object.entries(after.values)) {
    expect(
      values.every((own) => own === 0),
      name,
    ).toBe(silent.includes(name));
  }
  expect(after.values['attentionOutput 0']).toEqual(before.values['attentionOutput 0']);
  expect(after.values['logits']).not.toEqual(before.values['logits']);
});
