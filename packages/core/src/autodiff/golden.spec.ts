// Values and gradients of the composites against PyTorch's, in float64. The numbers are made by tools/oracle/ops.py.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { cast, constant, input, logSoftmax, multiply, reshape, softmax, sum } from '../graph/build.js';
import {
  attention, crossEntropy, forwardKl, layerNorm, reverseKl, rmsNorm, rotary, squaredRelu, swiGlu,
} from '../graph/composites/index.js'; // prettier-ignore
import { evaluate } from '../graph/evaluate.js';
import type { Tensor } from '../graph/tensor.js';
import { expectClose } from '../close.js';
import { gradient } from './gradient.js';

const arraySchema = z.object({ shape: z.array(z.number()), data: z.array(z.number()) });
const goldenSchema = z.object({
  cases: z.array(
    z.object({
      name: z.string(),
      op: z.string(),
      attributes: z.record(z.string(), z.union([z.number(), z.boolean()])),
      inputs: z.record(z.string(), arraySchema.extend({ dtype: z.enum(['float64', 'int64', 'bool']) })),
      output: arraySchema,
      cotangent: arraySchema,
      gradients: z.record(z.string(), arraySchema),
    }),
  ),
});
/** Both sides are float64: what is left is the order of sums. */
const TOLERANCE = 1e-13;

type Golden = z.infer<typeof goldenSchema>['cases'][number];
type Float = Tensor<'float32'>;

const golden = goldenSchema.parse(
  JSON.parse(readFileSync(new URL('../testing/fixtures/ops/golden.json', import.meta.url), 'utf8')),
);

/** A case's leaves, each made once, and its numbers. */
class Case {
  readonly #leaves: ReadonlyMap<string, Tensor>;

  constructor(readonly golden: Golden) {
    this.#leaves = new Map(
      Object.entries(golden.inputs).map(([name, { shape, dtype }]) => {
        return [name, input(name, shape, dtype === 'float64' ? 'float32' : dtype === 'int64' ? 'int32' : 'bool')];
      }),
    );
  }

  leaf(name: string): Tensor {
    const leaf = this.#leaves.get(name);
    if (leaf === undefined) throw new Error(`${this.golden.name}: no input "${name}"`);
    return leaf;
  }

  float(name: string): Float {
    const leaf = this.leaf(name);
    if (leaf.dtype !== 'float32') throw new Error(`${this.golden.name}: "${name}" is ${leaf.dtype}`);
    return cast(leaf, 'float32'); // the leaf itself
  }

  number(key: string): number {
    const value = this.golden.attributes[key];
    if (typeof value !== 'number') throw new Error(`${this.golden.name}: no number "${key}"`);
    return value;
  }
}

/** The fixture's losses are over [batch, time, vocabulary]; ours over rows. */
const rows = (x: Float): Float => reshape(x, [-1, x.shape.at(-1) ?? 0]);
const flat = <D extends 'float32' | 'int32'>(x: Tensor<D>): Tensor<D> => reshape(x, [-1]);

const divergence =
  (of: typeof forwardKl) =>
  (own: Case): Float =>
    of(rows(own.float('student')), rows(own.float('teacher')), flat(own.float('mask')), {
      temperature: own.number('temperature'),
    });

/** How each op of the fixture is spelt here. */
const spellings: Readonly<Record<string, (own: Case) => Float>> = {
  rmsNorm: (own) => rmsNorm(own.float('x'), own.float('weight'), { epsilon: own.number('eps') }),
  layerNorm: (own) => layerNorm(own.float('x'), own.float('weight'), own.float('bias'), { epsilon: own.number('eps') }),
  rotary: (own) => rotary(own.float('x'), own.float('cos'), own.float('sin')),
  attention: (own) => {
    if (own.golden.attributes['causal'] !== true) throw new Error('only causal attention is spelt here');
    return attention(own.float('query'), own.float('key'), own.float('value'), { scale: own.number('scale') });
  },
  swiGlu: (own) => swiGlu(own.float('gate'), own.float('up')),
  squaredRelu: (own) => squaredRelu(own.float('x')),
  softmax: (own) => softmax(own.float('x'), own.number('axis')),
  logSoftmax: (own) => logSoftmax(own.float('x'), own.number('axis')),
  crossEntropy: (own) => {
    return crossEntropy(rows(own.float('logits')), flat(cast(own.leaf('targets'), 'int32')), flat(own.float('mask')));
  },
  forwardKl: divergence(forwardKl),
  reverseKl: divergence(reverseKl),
};

test('the fixture covers every op spelt here, and no other', () => {
  expect([...new Set(golden.cases.map(({ op }) => op))].sort()).toEqual(Object.keys(spellings).sort());
});

describe('values and gradients equal those of PyTorch', () => {
  test.each(golden.cases.map((own) => [own.name, own] as const))('%s', (_name, own) => {
    const leaves = new Case(own);
    const spell = spellings[own.op] ?? (() => constant(NaN, [], 'float32'));
    const result = spell(leaves);
    const cotangent = constant(own.cotangent.data, own.cotangent.shape, 'float32');
    const names = Object.keys(own.gradients);
    const found = gradient(
      sum(multiply(result, cotangent)),
      names.map((name) => leaves.leaf(name)),
    );
    const gradients = Object.fromEntries(found.map((node, i) => [`gradient ${names[i] ?? ''}`, node]));
    const inputs = Object.fromEntries(Object.entries(own.inputs).map(([name, { data }]) => [name, data]));
    const values = evaluate<string>({ result, ...gradients }, { inputs });
    expect(result.shape).toEqual(own.output.shape);
    expectClose(values['result'] ?? [], own.output.data, TOLERANCE, 'value');
    for (const name of names) {
      expectClose(values[`gradient ${name}`] ?? [], own.gradients[name]?.data ?? [], TOLERANCE, `gradient in ${name}`);
    }
  });
});
