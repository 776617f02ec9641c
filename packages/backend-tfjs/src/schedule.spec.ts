// When values are made and let go.
import { add, constant, cos, input, iota, cast, multiply, negate, program, state, sum } from '@espalier/core/graph';
import { describe, expect, test } from 'vitest';
import { schedule } from './schedule.js';

const x = input('x', [4], 'float32');
const names = (nodes: Iterable<{ readonly op: string }>): string[] => [...nodes].map(({ op }) => op);

describe('a schedule', () => {
  test('lets a value go after its last reader, and keeps results', () => {
    const twice = add(x, x);
    const { steps } = schedule(program('p', { outputs: { y: multiply(negate(twice), twice) } }));
    expect(steps.map(({ node, release }) => [node.op, names(release)])).toEqual([
      ['input', []],
      ['add', ['input']],
      ['negate', []],
      ['multiply', ['add', 'negate']],
    ]);
  });

  test('computes once what depends on nothing, and keeps only what is read', () => {
    const table = cos(cast(iota([4], 0), 'float32'));
    const { setup, kept, steps } = schedule(program('p', { outputs: { y: multiply(x, table) } }));
    expect(names(setup.map(({ node }) => node))).toEqual(['iota', 'cast', 'cos']);
    expect(names(kept)).toEqual(['cos']);
    expect(names(steps.map(({ node }) => node))).toEqual(['input', 'multiply']);
  });

  test('does not keep a large value that is one number everywhere', () => {
    const wide = input('wide', [1000, 1000], 'float32');
    const { kept, steps } = schedule(
      program('p', { next: { s: constant(0, [1000, 1000], 'float32') }, outputs: { y: sum(wide) } }),
    );
    expect(names(kept)).toEqual([]);
    expect(names(steps.map(({ node }) => node))).toContain('constant');
  });

  test('knows the most bytes that are held at once: state, and values still to be read', () => {
    const held = state('s', [4], 'float32');
    const grown = schedule(program('p', { next: { s: add(held, x) } }));
    expect(grown.peakBytes).toBe(16 + 16 + 16); // state, input, next value
    const chain = schedule(program('p', { outputs: { y: negate(negate(multiply(x, x))) } }));
    expect(chain.peakBytes).toBe(2 * 16); // operand and result, however long the chain
    expect(chain.largestBytes).toBe(16);
  });
});
