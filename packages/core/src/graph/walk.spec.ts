// Walks over graphs: order, sharing, and chains longer than any call stack.
import { describe, expect, test } from 'vitest';
import { add, applyComposite, constant, input, matmul, multiply, tanh } from './build.js';
import { silu } from './composites/index.js';
import { evaluate } from './evaluate.js';
import { printGraph } from './print.js';
import { program, programHash } from './program.js';
import { simplify } from './simplify.js';
import { isOp, type Tensor } from './tensor.js';
import { verify } from './verify.js';
import { inlineComposites, rewrite, topological } from './walk.js';

const x = input('x', [2], 'float32');

test('inputs come before users, each node once', () => {
  const a = add(x, 1);
  const b = multiply(a, a);
  const order = topological([b, a, add(b, x)]);
  expect(order).toHaveLength(5); // x, 1, a, b and the last sum
  expect(new Set(order).size).toBe(5);
  for (const [index, node] of order.entries()) {
    for (const operand of node.inputs) expect(order.indexOf(operand)).toBeLessThan(index);
  }
});

test('bodies are visited when asked, before their composites', () => {
  const y = silu(x);
  expect(topological([y]).map(({ op }) => op)).toEqual(['input', 'composite']);
  expect(topological([y], { bodies: true }).map(({ op }) => op)).toEqual(['input', 'sigmoid', 'multiply', 'composite']);
});

test('a rewrite that changes nothing gives back the same nodes', () => {
  const y = silu(add(x, 1));
  const map = rewrite([y], (node) => node);
  expect(map.get(y)).toBe(y);
});

test('a rewrite reaches operands, composites and their bodies', () => {
  const z = input('z', [2], 'float32');
  const y = silu(multiply(x, 2));
  const replaced = rewrite([y], (node) => (node === x ? z : node)).get(y) ?? y;
  expect(Array.from(evaluate({ y: replaced }, { inputs: { z: [0, 0] } }).y)).toEqual([0, 0]);
  expect(topological([replaced], { bodies: true })).not.toContain(x);
  expect(() => verify([replaced])).not.toThrow();
});

test('composites are inlined, inner ones too, except those to keep', () => {
  const outer = applyComposite({ name: 'outer', body: () => silu(add(x, 1)) }, [x], undefined);
  const inlined = inlineComposites([outer]).get(outer) ?? outer;
  expect(topological([inlined]).map(({ op }) => op)).not.toContain('composite');
  const kept = inlineComposites([outer], (node) => node.attributes.definition.name === 'silu').get(outer) ?? outer;
  expect(isOp(kept, 'composite') ? kept.attributes.definition.name : kept.op).toBe('silu');
});

/** x → tanh(x + i·x) → …, `steps` times two ops and a constant. */
function chain(steps: number): Tensor<'float32'> {
  let y: Tensor<'float32'> = x;
  for (let i = 0; i < steps; i++) y = tanh(multiply(y, 1 + 1 / (i + 1)));
  return y;
}

describe('a chain of 50 000 nodes overflows no stack', () => {
  const long = chain(17_000); // three nodes a step
  const given = { inputs: { x: [0.3, -0.2] } };

  test('walked, checked, printed, evaluated', () => {
    expect(topological([long]).length).toBeGreaterThan(50_000);
    expect(() => verify([long])).not.toThrow();
    expect(printGraph({ long }).split('\n').length).toBeGreaterThan(50_000);
    expect(evaluate({ long }, given).long.every(Number.isFinite)).toBe(true);
  });

  test('simplified, made a program and hashed', () => {
    expect(simplify([long]).get(long)).toBeDefined();
    expect(programHash(program('long', { outputs: { long } }))).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('work grows with the number of nodes, and no faster', () => {
  test('a rewriting visits each node once, however many paths lead to it', () => {
    let y: Tensor<'float32'> = input('x', [2], 'float32');
    for (let i = 0; i < 60; i++) y = add(y, y); // 2⁶⁰ paths
    let visits = 0;
    rewrite([y], (node) => {
      visits += 1;
      return node;
    });
    expect(visits).toBe(61);
    expect(topological([y])).toHaveLength(61);
  });

  test('what a model of twice the layers prints as is twice as long', () => {
    const lines = (layers: number): number => printGraph({ y: model(layers) }).split('\n').length;
    expect(lines(400) / lines(200)).toBeCloseTo(2, 1);
  });

  /** Nodes as a model has them: products, sums, scales, and constants of many values. */
  function model(layers: number): Tensor {
    let y: Tensor<'float32'> = input('h', [4, 4], 'float32');
    for (let i = 0; i < layers; i++) {
      const values = Array.from({ length: 16 }, (_, j) => i + j);
      y = tanh(add(matmul(y, constant(values, [4, 4], 'float32')), multiply(y, i + 0.5)));
    }
    return y;
  }
});
