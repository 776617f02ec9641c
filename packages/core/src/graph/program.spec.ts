// Programs: what they need, what they refuse, and when two are equal.
import { describe, expect, test } from 'vitest';
import { add, applyComposite, constant, input, multiply, reshape, state, sum, where } from './build.js';
import { crossEntropy, silu } from './composites/index.js';
import { program, printProgram, programHash, type ProgramParts } from './program.js';
import { GraphError } from './shape-rules.js';
import { isFloatTensor, type Tensor } from './tensor.js';

const x = input('x', [2], 'float32');
const s = state('s', [2], 'float32');

test('inputs and states follow from the graph, inside composites too', () => {
  const { inputs, states } = program('p', { outputs: { y: silu(add(x, s)) }, next: { r: constant(0, [3], 'int32') } });
  expect(inputs).toEqual({ x: { shape: [2], dtype: 'float32' } });
  expect(states).toEqual({ s: { shape: [2], dtype: 'float32' }, r: { shape: [3], dtype: 'int32' } });
});

test('what simplification makes needless is not asked for', () => {
  const known = where(constant(1, [2], 'bool'), x, input('unused', [2], 'float32'));
  expect(Object.keys(program('p', { outputs: { y: known } }).inputs)).toEqual(['x']);
});

test('leaves may have names that objects have anyway', () => {
  const odd = add(input('constructor', [], 'float32'), input('__proto__', [], 'float32'));
  expect(Object.keys(program('p', { outputs: { toString: odd } }).inputs)).toEqual(['constructor', '__proto__']);
});

describe('one name with two types is refused', () => {
  const rows: readonly (readonly [string, ProgramParts, string])[] = [
    [
      'inputs of two shapes',
      { outputs: { y: add(x, input('x', [1], 'float32')) } },
      'program "p": input "x" is both float32[2] and float32[1]',
    ],
    [
      'inputs of two dtypes',
      { outputs: { x, y: input('x', [2], 'int32') } },
      'input "x" is both float32[2] and int32[2]',
    ],
    [
      'states of two shapes',
      { outputs: { s, y: state('s', [3], 'float32') } },
      'state "s" is both float32[2] and float32[3]',
    ],
    [
      'a next value of another shape',
      { next: { s: sum(s) } },
      'next value of state "s" is both float32[2] and float32[1]',
    ],
    ['leaves inside a composite', { outputs: { x, y: silu(input('x', [3], 'float32')) } }, 'input "x" is both'],
  ];
  test.each(rows)('%s', (_title, parts, message) => {
    expect(() => program('p', parts)).toThrow(GraphError);
    expect(() => program('p', parts)).toThrow(message);
  });
});

test('a next value may be broadcast by nobody: it must have the type of its state', () => {
  expect(() => program('p', { outputs: { s }, next: { s: constant(0, [], 'float32') } })).toThrow('float32[]');
  expect(() => program('p', { outputs: { s }, next: { s: constant(0, [2], 'int32') } })).toThrow('int32[2]');
});

test('an input and a state may share a name', () => {
  const { inputs, states } = program('p', { outputs: { y: add(x, state('x', [2], 'float32')) } });
  expect([Object.keys(inputs), Object.keys(states)]).toEqual([['x'], ['x']]);
});

test('a loss over reshaped targets is a legal program', () => {
  const targets = reshape(input('targets', [2, 2], 'int32'), [4]);
  const loss = crossEntropy(input('logits', [4, 5], 'float32'), targets, constant(1, [4], 'float32'));
  expect(Object.keys(program('p', { outputs: { loss } }).inputs).sort()).toEqual(['logits', 'targets']);
});

test('the printed program has outputs and next values, also of one name', () => {
  const printed = printProgram(program('p', { outputs: { s: add(s, x), 'next s': x }, next: { s: multiply(s, 2) } }));
  expect(printed).toMatchInlineSnapshot(`
    "%0 = state(name="s") : float32[2]
    %1 = input(name="x") : float32[2]
    %2 = add(%0, %1) : float32[2]
    %3 = constant([2]) : float32[]
    %4 = multiply(%0, %3) : float32[2]
    s: %2
    next s: %1
    next s: %4"
  `);
});

describe('hashes', () => {
  /** A composite called `mystery` with no options to tell it by. */
  function mystery(body: (x: Tensor<'float32' | 'float16'>) => Tensor): Tensor {
    const definition = {
      name: 'mystery',
      body: ([operand]: readonly Tensor[]) => (operand !== undefined && isFloatTensor(operand) ? body(operand) : x),
    };
    return applyComposite(definition, [x], undefined);
  }
  const hash = (parts: ProgramParts, name = 'p'): string => programHash(program(name, parts));
  const base = hash({ outputs: { y: add(x, 1) } });

  test('are equal for programs built twice, by whatever name', () => {
    expect(hash({ outputs: { y: add(input('x', [2], 'float32'), 1) } }, 'q')).toBe(base);
    expect(base).toMatch(/^[0-9a-f]{64}$/);
  });

  test('differ with values, types, names, and roles', () => {
    const others: readonly ProgramParts[] = [
      { outputs: { y: add(x, 2) } },
      { outputs: { z: add(x, 1) } },
      { outputs: { y: add(input('x', [3], 'float32'), 1) } },
      { outputs: { y: add(input('w', [2], 'float32'), 1) } },
      { outputs: { y: add(state('x', [2], 'float32'), 1) } },
      { next: { y: add(x, 1) } },
      { outputs: { 'next y': add(x, 1) } },
      { outputs: { y: add(x, 1) }, next: { y: add(x, 1) } },
    ];
    const hashes = [base, ...others.map((parts) => hash(parts))];
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  test('differ with what a composite does, not only with its name', () => {
    const [twice, squared] = [mystery((own) => add(own, own)), mystery((own) => multiply(own, own))];
    expect(hash({ outputs: { y: twice } })).not.toBe(hash({ outputs: { y: squared } }));
    expect(hash({ outputs: { y: twice } })).toBe(hash({ outputs: { y: mystery((own) => add(own, own)) } }));
  });

  test('differ with any of many constant values', () => {
    const outputs = (last: number): ProgramParts => {
      const values = Array.from({ length: 50 }, (_, i) => (i === 49 ? last : i));
      return { outputs: { y: sum(multiply(constant(values, [50], 'float32'), input('k', [], 'float32'))) } };
    };
    expect(hash(outputs(1))).not.toBe(hash(outputs(2)));
  });
});
