// What the composites promise in words. Their values and gradients: op by op in @espalier/testing, and in autodiff/golden.spec.ts.
import { describe, expect, test } from 'vitest';
import { constant, input, iota, less } from '../build.js';
import { evaluate } from '../evaluate.js';
import type { Shape, Tensor } from '../tensor.js';
import { inlineComposites } from '../walk.js';
import { expectClose } from '../../close.js';
import {
  attention,
  crossEntropy,
  forwardKl,
  layerNorm,
  reverseKl,
  rmsNorm,
  rotary,
  silu,
  squaredRelu,
  swiGlu,
} from './index.js';

const valuesOf = (result: Tensor): number[] => Array.from(evaluate({ result }).result);
const floats = (shape: Shape, ...values: number[]): Tensor<'float32'> => constant(values, shape, 'float32');
const ramp = (...shape: number[]): Tensor<'float32'> => {
  const count = shape.reduce((a, b) => a * b, 1);
  return floats(shape, ...Array.from({ length: count }, (_, i) => Math.sin(3 * i)));
};

test('rmsNorm gives rows of mean square 1, times the weight', () => {
  const found = valuesOf(rmsNorm(floats([2, 2], 3, 4, -30, 40), floats([2], 1, 10), { epsilon: 0 }));
  const root = Math.sqrt(12.5);
  expectClose(found, [3 / root, 40 / root, -3 / root, 40 / root], 1e-12);
});

test('layerNorm gives rows of mean 0 and variance 1, times the weight, plus the bias', () => {
  const found = valuesOf(
    layerNorm(floats([1, 4], 1, 3, 5, 7), floats([4], 1, 1, 1, 2), floats([4], 0, 0, 0, 100), { epsilon: 0 }),
  );
  const root = Math.sqrt(5);
  expectClose(found, [-3 / root, -1 / root, 1 / root, 100 + 6 / root], 1e-12);
});

test('rotary turns the pairs (d, d + half), and passes the channels past them through', () => {
  const x = floats([1, 1, 1, 5], 1, 2, 3, 4, 5);
  const quarter = [floats([1, 2], 0, 1), floats([1, 2], 1, 0)] as const; // a right angle, and none
  expectClose(valuesOf(rotary(x, ...quarter)), [-3, 2, 1, 4, 5], 1e-12);
});

describe('attention', () => {
  const [q, k, v] = [ramp(1, 2, 3, 2), ramp(1, 1, 3, 2), ramp(1, 1, 3, 2)];

  test('lets the first of causal queries see the first value only', () => {
    const found = valuesOf(attention(q, k, v, { scale: 1 }));
    expectClose(found.slice(0, 2), [0, Math.sin(3)], 1e-12);
    expectClose(found.slice(6, 8), [0, Math.sin(3)], 1e-12);
  });

  test('with a causal mask is causal attention', () => {
    const mask = less(iota([3, 3], 1), constant([1, 2, 3], [3, 1], 'int32'));
    expectClose(
      valuesOf(attention(q, k, v, { scale: 0.7, mask })),
      valuesOf(attention(q, k, v, { scale: 0.7 })),
      1e-12,
    );
  });

  test('gives the mean of all values to a query that sees nothing, whatever its scores', () => {
    const scores = attention(floats([1, 1, 1, 1], 5), floats([1, 1, 2, 1], 1, -1), floats([1, 1, 2, 1], 1, 3), {
      scale: 1,
      mask: constant(0, [1, 2], 'bool'),
    });
    expect(valuesOf(scores)).toEqual([2]);
  });

  test('reads the key/value head of its group', () => {
    const values = floats([1, 2, 1, 1], 10, 20);
    const heads = attention(ramp(1, 4, 1, 1), ramp(1, 2, 1, 1), values, { scale: 1 });
    expect(valuesOf(heads)).toEqual([10, 10, 20, 20]);
  });

  test('in blocks of queries equals attention in one, by mask', () => {
    const [long, keys, values] = [ramp(1, 2, 128, 2), ramp(1, 1, 128, 2), ramp(1, 1, 128, 2)];
    const mask = less(
      iota([128, 128], 1),
      constant(
        Array.from({ length: 128 }, (_, i) => i + 1),
        [128, 1],
        'int32',
      ),
    );
    const causal = attention(long, keys, values, { scale: 0.5 });
    expectClose(valuesOf(causal), valuesOf(attention(long, keys, values, { scale: 0.5, mask })), 1e-12);
    expect(inlineComposites([causal]).get(causal)).toMatchObject({ op: 'concat', shape: [1, 2, 128, 2] });
  });
});

test('activations', () => {
  expectClose(valuesOf(silu(floats([3], 0, Math.log(3), -1000))), [0, 0.75 * Math.log(3), 0], 1e-12);
  expectClose(valuesOf(swiGlu(floats([2], Math.log(3), 0), floats([2], 4, 9))), [3 * Math.log(3), 0], 1e-12);
  expectClose(valuesOf(squaredRelu(floats([3], -2, 0, 3))), [0, 0, 9], 1e-12);
});

describe('losses', () => {
  const logits = floats([2, 2], 0, Math.log(3), 5, 5);
  const targets = constant([1, 0], [2], 'int32');

  test('are means over the weights of rows', () => {
    const loss = crossEntropy(logits, targets, floats([2], 1, 3));
    expectClose(valuesOf(loss), [(Math.log(4 / 3) + 3 * Math.log(2)) / 4], 1e-12);
  });

  test('are 0 where every row is masked, or there is none', () => {
    const none = constant(0, [2], 'float32');
    const all = [
      crossEntropy(logits, targets, none),
      forwardKl(logits, ramp(2, 2), none),
      reverseKl(logits, ramp(2, 2), none),
      crossEntropy(input('l', [0, 2], 'float32'), constant([], [0], 'int32'), constant(0, [0], 'float32')),
    ];
    for (const loss of all) expect(Math.abs(evaluate({ loss }, { inputs: { l: [] } }).loss[0] ?? NaN)).toBe(0);
  });

  test('of divergence are 0 between equals, and differ by direction', () => {
    const [p, q, weights] = [floats([1, 2], 0, Math.log(3)), floats([1, 2], 0, 0), constant(1, [1], 'float32')];
    expectClose(valuesOf(forwardKl(p, p, weights)), [0], 1e-12);
    expectClose(valuesOf(forwardKl(q, p, weights)), [0.25 * Math.log(0.5) + 0.75 * Math.log(1.5)], 1e-12);
    expectClose(valuesOf(reverseKl(q, p, weights)), [0.5 * Math.log(2) + 0.5 * Math.log(2 / 3)], 1e-12);
  });

  test('of divergence divide the logits by the temperature, and are not multiplied by its square', () => {
    const [p, q, weights] = [floats([1, 2], 0, 2 * Math.log(3)), floats([1, 2], 0, 0), constant(1, [1], 'float32')];
    const found = valuesOf(forwardKl(q, p, weights, { temperature: 2 }));
    expectClose(found, [0.25 * Math.log(0.5) + 0.75 * Math.log(1.5)], 1e-12);
  });
});
