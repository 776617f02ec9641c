// Gradients of a graph that `mixedPrecision` made.
import { expect, test } from 'vitest';
import {
  evaluate,
  input,
  matmul,
  mixedPrecision,
  multiply,
  reshape,
  sum,
  swiGlu,
  topological,
} from '../graph/index.js';
import { gradient } from './gradient.js';

const x = input('x', [4, 6], 'float32');
const w = input('w', [6, 6], 'float32');

test('gradients run through the casts, and are those of the float32 graph but for rounding', () => {
  const loss = sum(multiply(swiGlu(matmul(x, w), matmul(x, w)), x));
  const flat = reshape(loss, []);
  const [plain, half] = [gradient(flat, [x, w]), gradient(mixedPrecision([flat]).get(flat) ?? flat, [x, w])];
  expect(half.map(({ dtype }) => dtype)).toEqual(['float32', 'float32']);
  expect(
    half.some(
      (node) => topological([node]).filter(({ op, dtype }) => op === 'matmul' && dtype === 'float16').length > 2,
    ),
  ).toBe(true);
  const values = {
    inputs: {
      x: Float64Array.from({ length: 24 }, (_, at) => Math.sin(at)),
      w: Float64Array.from({ length: 36 }, (_, at) => Math.cos(at)),
    },
  };
  plain.forEach((node, index) => {
    const other = half[index];
    if (other === undefined) throw new Error('a gradient is missing');
    const [a, b] = [evaluate({ node }, values).node, evaluate({ node: other }, values).node];
    a.forEach((value, at) => expect(b[at]).toBeCloseTo(value, 9)); // the evaluator rounds nothing
  });
});
