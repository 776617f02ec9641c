// Recomputation changes when things are computed, and nothing of what.
import { describe, expect, test } from 'vitest';
import { add, barrier, exp, input, matmul, mean, multiply, state, stopGradient, subtract } from '../graph/build.js';
import { rmsNorm, swiGlu } from '../graph/composites/index.js';
import { evaluate } from '../graph/evaluate.js';
import { program } from '../graph/program.js';
import { simplify } from '../graph/simplify.js';
import { elementCount, type Tensor } from '../graph/tensor.js';
import { inlineComposites, topological } from '../graph/walk.js';
import { random } from '../random.js';
import { gradient } from './gradient.js';

type Float = Tensor<'float32'>;

const [LAYERS, ROWS, WIDTH, INNER] = [4, 6, 4, 8];

/** Residual layers as a decoder has them, a projection that every layer's output is compared through, a weight that two layers share. */
function network(layers: number, { compared = true } = {}) {
  const weights: Record<string, Float> = {};
  const weight = (name: string, shape: readonly number[]): Float => (weights[name] ??= state(name, shape, 'float32'));
  let x: Float = exp(multiply(input('x', [ROWS, WIDTH], 'float32'), 0.1));
  const entering: Float[] = [];
  const terms: Float[] = [];
  for (let layer = 0; layer < layers; layer++) {
    entering.push(x);
    const n = rmsNorm(x, weight(`norm${layer}`, [WIDTH]), { epsilon: 1e-5 });
    const inner = swiGlu(matmul(n, weight(`gate${layer}`, [WIDTH, INNER])), matmul(n, weight('up', [WIDTH, INNER])));
    const added = matmul(inner, weight(`down${layer}`, [INNER, WIDTH]));
    x = add(x, added);
    const seen = matmul(added, weight('projection', [WIDTH, WIDTH]));
    if (compared) terms.push(mean(multiply(subtract(seen, stopGradient(x)), seen)));
  }
  const total = terms.reduce((a, b) => add(a, b), mean(multiply(x, x)));
  return { total, entering, wrt: [...Object.values(weights)] };
}

function draw(nodes: readonly Tensor[]) {
  const stream = random(3);
  const values = (node: Tensor): number[] => Array.from({ length: elementCount(node.shape) }, () => stream.normal());
  const leaves = topological(nodes, { bodies: true }).filter(({ op }) => op === 'input' || op === 'state');
  const named = leaves.map((node) => [(node.attributes as { name: string }).name, values(node)] as const);
  return { inputs: Object.fromEntries(named), states: Object.fromEntries(named) };
}

const named = (own: readonly Tensor[]): Record<string, Tensor> =>
  Object.fromEntries(own.map((value, index) => [`g${index}`, value]));

describe('gradients with recomputation', () => {
  const { total, entering, wrt } = network(LAYERS);
  const plain = gradient(total, wrt);
  const again = gradient(total, wrt, { recompute: entering });

  test('are the same to the last bit, also where layers share weights and are compared', () => {
    const leaves = draw([total, ...plain]);
    expect(evaluate(named(again), leaves)).toEqual(evaluate(named(plain), leaves));
  });

  test('compute each layer but the last anew, and simplifying does not merge that with the first time', () => {
    const count = (own: readonly Tensor[]): number => {
      const inlined = inlineComposites([total, ...own]);
      const roots = [total, ...own].map((node) => inlined.get(node) ?? node);
      const simple = simplify(roots);
      return topological(roots.map((node) => simple.get(node) ?? node)).filter(({ op }) => op === 'sigmoid').length;
    };
    expect([count(plain), count(again)]).toEqual([LAYERS, 2 * LAYERS - 1]);
  });

  test('begin a layer only when all that comes after it has been differentiated', () => {
    const own = program('gradients', { outputs: { total, ...named(again) } });
    const order = topological(Object.values(own.outputs));
    const barriers = order.filter(({ op }) => op === 'barrier');
    expect(barriers).toHaveLength(LAYERS - 1);
    // Each waits for the one before it, by way of the gradients that it waits for.
    for (const [index, later] of barriers.entries()) {
      const needed = new Set(topological([later]));
      expect(barriers.filter((node) => needed.has(node))).toHaveLength(index + 1);
      expect(later.inputs.length).toBeGreaterThan(2);
    }
  });

  test('need memory for one layer more at a time instead of for all of them', () => {
    const peaks = (layers: number): readonly number[] => {
      const own = network(layers, { compared: false });
      return [[], own.entering].map((recompute) =>
        peakElements([own.total, ...gradient(own.total, own.wrt, { recompute })]),
      );
    };
    const [[plain12 = 0, again12 = 0], [plain20 = 0, again20 = 0]] = [peaks(12), peaks(20)];
    const [grown, grownAgain] = [(plain20 - plain12) / 8, (again20 - again12) / 8];
    const gradients = 2 * WIDTH * INNER + WIDTH;
    expect(grownAgain).toBeLessThanOrEqual(ROWS * WIDTH + gradients); // what enters a layer, and its gradients
    expect(grown).toBeGreaterThan(grownAgain + 3 * ROWS * INNER);
  });
});

test('one saved value, or none, changes nothing', () => {
  const { total, entering, wrt } = network(2);
  expect(
    topological(gradient(total, wrt, { recompute: entering.slice(0, 1) })).some(({ op }) => op === 'barrier'),
  ).toBe(false);
});

test('a barrier stays in a program although it changes no number', () => {
  const x = input('x', [2], 'float32');
  const { outputs } = program('p', { outputs: { y: add(exp(x), exp(barrier(x))) } });
  expect(topological(Object.values(outputs)).filter(({ op }) => op === 'exp')).toHaveLength(2);
});

/** Elements alive at most when all is computed in the order of need; leaves are not counted. */
function peakElements(roots: readonly Tensor[]): number {
  const inlined = inlineComposites(roots);
  const plain = roots.map((node) => inlined.get(node) ?? node);
  const simple = simplify(plain);
  const results = plain.map((node) => simple.get(node) ?? node);
  const order = topological(results);
  const last = new Map<Tensor, number>();
  for (const [step, node] of order.entries()) for (const read of [node, ...node.inputs]) last.set(read, step);
  for (const node of results) last.set(node, Infinity);
  let [alive, most] = [0, 0];
  for (const [step, node] of order.entries()) {
    if (node.inputs.length === 0) continue;
    alive += elementCount(node.shape);
    most = Math.max(most, alive);
    for (const read of new Set([node, ...node.inputs])) {
      if (last.get(read) === step && read.inputs.length > 0) alive -= elementCount(read.shape);
    }
  }
  return most;
}
