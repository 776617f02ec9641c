// Which nodes `mixedPrecision` moves to float16, and that nothing else is touched. What devices make of it: the conformance suite.
import { expect, test } from 'vitest';
import { add, applyComposite, input, matmul, multiply, reshape, softmax, sum, transpose } from './build.js';
import { attention, rmsNorm, swiGlu } from './composites/index.js';
import { mixedPrecision } from './mixed-precision.js';
import { simplify } from './simplify.js';
import { isFloatTensor, isOp, type CompositeDefinition, type Tensor } from './tensor.js';
import { topological } from './walk.js';

const x = input('x', [4, 6], 'float32');
const w = input('w', [6, 6], 'float32');
const gain = input('gain', [6], 'float32');

function mixed(root: Tensor): Tensor {
  const own = mixedPrecision([root]).get(root);
  if (own === undefined) throw new Error('the root is not mapped');
  return own;
}

/** Ops of each dtype, composites by their names. */
function ops(root: Tensor, dtype: Tensor['dtype'], options?: { readonly bodies: boolean }): readonly string[] {
  const own = topological([root], options).filter((node) => node.dtype === dtype);
  return own.map((node) => (isOp(node, 'composite') ? node.attributes.definition.name : node.op));
}

test('products are float16, on operands that are rounded once; what they give is float32 again', () => {
  const product = matmul(x, w);
  const both = mixed(add(product, matmul(x, w, { transposeB: true })));
  expect(both.dtype).toBe('float32');
  expect(ops(both, 'float16').filter((op) => op === 'matmul')).toHaveLength(2);
  const rounded = simplify([both]).get(both) ?? both;
  expect(ops(rounded, 'float16').filter((op) => op === 'cast')).toHaveLength(2); // x and w, once each
  expect(ops(both, 'float32')).toContain('add');
});

test('norms, softmax, sums and the residual stream stay float32', () => {
  const y = add(x, matmul(rmsNorm(x, gain, { epsilon: 1e-5 }), w));
  const own = mixed(sum(multiply(softmax(y), y)));
  expect(ops(own, 'float16').toSorted()).toEqual(['cast', 'cast', 'matmul']);
  expect(ops(own, 'float32')).toEqual(expect.arrayContaining(['rmsNorm', 'softmax', 'add', 'sum', 'multiply']));
});

test('movements and SwiGLU of products stay float16, so that nothing is widened and rounded between two products', () => {
  const [gate, up] = [matmul(x, w), matmul(x, w, { transposeB: true })];
  const own = mixed(matmul(reshape(transpose(swiGlu(gate, up), [1, 0]), [4, 6]), w));
  const halves = ops(simplify([own]).get(own) ?? own, 'float16');
  expect(halves.filter((op) => op === 'cast')).toHaveLength(2);
  expect(halves).toEqual(expect.arrayContaining(['swiGlu', 'reshape', 'transpose', 'matmul']));
});

test('attention takes float16 and has its softmax in float32', () => {
  const [q, k] = [input('q', [1, 2, 3, 4], 'float32'), input('k', [1, 2, 3, 4], 'float32')];
  const own = mixed(attention(q, k, k, { scale: 0.5 }));
  expect(ops(own, 'float16')).toContain('attention');
  expect(ops(own, 'float32', { bodies: true })).toContain('softmax');
  expect(ops(own, 'float16', { bodies: true })).not.toContain('softmax');
});

test('a composite that is not known stays as it is, body and all', () => {
  const definition: CompositeDefinition<undefined> = {
    name: 'espalierTest',
    body: ([own = x]) => (isFloatTensor(own) ? matmul(own, own, { transposeB: true }) : own),
  };
  const plain = applyComposite<'float32', undefined>(definition, [x], undefined);
  expect(mixed(plain)).toBe(plain);
  expect(ops(mixed(applyComposite(definition, [matmul(x, w)], undefined)), 'float16', { bodies: true })).toEqual([
    'cast',
    'cast',
    'matmul',
  ]);
});
