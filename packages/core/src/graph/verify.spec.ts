// Checking finished graphs: whatever was tampered with after it was built.
import { describe, expect, test } from 'vitest';
import { add, applyComposite, constant, input, multiply, sum } from './build.js';
import { rmsNorm, silu } from './composites/index.js';
import { GraphError } from './shape-rules.js';
import { isOp, type Tensor } from './tensor.js';
import { verify } from './verify.js';

const x = input('x', [2, 3], 'float32');

/** A copy of a node with other properties, as a faulty pass could make it. */
function tampered(node: Tensor, changes: Partial<Pick<Tensor, 'shape' | 'dtype' | 'inputs' | 'attributes'>>): Tensor {
  return { ...node, ...changes };
}

describe('a tampered node is named', () => {
  const total = sum(x, [1]);
  const rows: readonly (readonly [string, Tensor, string])[] = [
    [
      'wrong shape',
      tampered(total, { shape: [2, 3] }),
      'sum(float32[2, 3]; axes=[1]) : float32[2, 3] should be float32[2, 1]',
    ],
    ['wrong dtype', tampered(total, { dtype: 'int32' }), 'should be float32[2, 1]'],
    ['operands that do not fit', tampered(add(x, x), { inputs: [x, constant(0, [4], 'float32')] }), 'broadcast shapes'],
    ['an operand too few', tampered(add(x, x), { inputs: [x] }), 'add(float32[2, 3]): needs 2 operands, found 1'],
    [
      'operands of two dtypes',
      tampered(add(x, x), { inputs: [x, input('n', [], 'int32')] }),
      'operands differ in dtype',
    ],
    ['an axis that is not there', tampered(total, { attributes: { axes: [5] } }), 'axis 5 is outside rank 2'],
    [
      'too many values',
      tampered(constant(0, [2], 'float32'), { shape: [0], attributes: { values: [1, 2] } }),
      'holds 2 values',
    ],
  ];
  test.each(rows)('%s', (_title, node, message) => {
    const check = (): void => verify([multiply(x, 2), node]);
    expect(check).toThrow(GraphError);
    expect(check).toThrow(message);
  });

  test('far from the results', () => {
    let deep: Tensor<'float32'> = { ...x, shape: [2, -3] };
    for (let i = 0; i < 10; i++) deep = { ...add(x, x), inputs: [deep, deep] };
    expect(() => verify([deep])).toThrow(GraphError);
  });

  test('inside the body of a composite', () => {
    const norm = rmsNorm(x, constant(1, [3], 'float32'), { epsilon: 1e-5 });
    if (!isOp(norm, 'composite')) throw new Error('rmsNorm is no composite');
    const attributes = { ...norm.attributes, body: tampered(add(x, x), { dtype: 'float16' }) };
    expect(() => verify([tampered(norm, { attributes, dtype: 'float16' })])).toThrow(
      'add(float32[2, 3], float32[2, 3]) : float16[2, 3] should be float32[2, 3]',
    );
  });
});

describe('composites', () => {
  const y = input('y', [2, 3], 'float32');

  test('whose body has another type are refused', () => {
    const activated = silu(x);
    expect(() => verify([tampered(activated, { shape: [6] })])).toThrow('silu(float32[2, 3]) : float32[6] should be');
  });

  test('whose body reads what is not among the inputs are refused', () => {
    const leaking = applyComposite({ name: 'leaking', body: () => add(x, y) }, [x], undefined);
    expect(() => verify([leaking])).toThrow('the body of leaking reads input directly');
  });

  test('whose body reaches past an input to what that was made of are refused', () => {
    const doubled = add(x, x);
    const past = applyComposite({ name: 'past', body: () => multiply(x, 2) }, [doubled], undefined);
    expect(() => verify([past])).toThrow('the body of past reads input directly');
  });

  test('whose body is an input, or needs none, are fine', () => {
    const same = applyComposite({ name: 'same', body: () => x }, [x], undefined);
    const fixed = applyComposite({ name: 'fixed', body: () => constant(1, [], 'float32') }, [x], undefined);
    expect(() => verify([same, fixed])).not.toThrow();
  });
});
