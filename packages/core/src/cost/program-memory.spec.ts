// Bytes of small programs, counted by hand.
import { expect, test } from 'vitest';
import {
  add,
  barrier,
  concat,
  exp,
  gather,
  input,
  matmul,
  multiply,
  program,
  reshape,
  sin,
  state,
  sum,
} from '../graph/index.js';
import { programBytes, tablesOf } from './program-memory.js';

const KIB = 1024;
const x = input('x', [16, 16], 'float32'); // 1 KiB
const w = state('w', [16, 32], 'float32'); // 2 KiB

test('state and its next values are counted, and what a run makes on the way', () => {
  const y = matmul(x, w); // 2 KiB
  const own = program('p', { outputs: { loss: sum(sin(y)) }, next: { w: multiply(w, 2) } });
  expect(programBytes(own)).toEqual({ state: 2 * KIB, next: 2 * KIB, fixed: 4, values: 4 * KIB });
});

test('a next value that can be written over the present one takes nothing', () => {
  const alone = program('p', { outputs: {}, next: { w: multiply(w, 2) } });
  expect(programBytes(alone)).toMatchObject({ state: 2 * KIB, next: 0 });
  // What reads the old value elsewhere may run afterwards.
  const read = program('p', { outputs: { total: sum(w) }, next: { w: multiply(w, 2) } });
  expect(programBytes(read).next).toBe(2 * KIB);
});

test('an op over elements takes the place of an operand that nothing reads afterwards', () => {
  const y = matmul(x, w);
  const once = program('p', { outputs: { loss: sum(exp(y)) } });
  const twice = program('p', { outputs: { loss: sum(multiply(exp(y), sin(y))) } });
  expect([programBytes(once).values, programBytes(twice).values]).toEqual([2 * KIB, 4 * KIB]);
});

test('another shape of a value, and a barrier alone, take nothing', () => {
  const y = matmul(x, w);
  const own = program('p', { outputs: { loss: sum(matmul(reshape(barrier(y), [32, 16]), x)) } });
  expect(programBytes(own).values).toBe(4 * KIB);
});

test('a value is let go after its last reader, also where that is a view of it', () => {
  const first = sum(matmul(x, w), [1]); // [16, 1]
  const chain = (after: typeof first): typeof first => sum(matmul(barrier(x, [after]), w), [1]);
  const rows = [first, chain(first), chain(chain(first))];
  const own = program('p', { outputs: { loss: sum(concat(rows, 0)) } });
  // A copy of x and a product at a time, and two or three columns of 64 bytes.
  expect(programBytes(own).values).toBeLessThanOrEqual(3 * KIB + 4 * 64 + 16);
});

test('a product that is added to is one step', () => {
  const a = exp(x);
  const own = program('p', { outputs: { y: sum(add(a, matmul(a, a))) } });
  expect(programBytes(own).values).toBe(2 * KIB);
});

test('a stored state is float32 from its first use to its last, but for a table that rows are looked up in', () => {
  const table = state('table', [64, 16], 'float32'); // 4 KiB
  const rows = gather(table, input('ids', [16], 'int32')); // 1 KiB
  const looked = program('p', { outputs: { y: sum(matmul(rows, w)) } }); // 2 KiB
  const held = (own: typeof looked, ...names: readonly string[]): number =>
    programBytes(own, (name) => names.includes(name)).values;
  expect([held(looked), held(looked, 'table'), held(looked, 'table', 'w')]).toEqual([3 * KIB, 3 * KIB, 5 * KIB]);
  expect([...tablesOf(looked)]).toEqual(['table']);
  // Read as a whole too, it is made float32 whole, and is no table.
  const tied = program('p', { outputs: { y: sum(matmul(table, w)), z: sum(rows) } }); // 8 KiB
  expect(held(tied, 'table') - held(tied)).toBeGreaterThanOrEqual(4 * KIB);
  expect(tablesOf(tied).size).toBe(0);
});

test('of stored states that follow one another no more is float32 at a time than is needed', () => {
  const squares = [1, 2, 3, 4].map((index) => state(`w${index}`, [32, 32], 'float32')); // 4 KiB each
  const chain = squares.reduce((own, each) => matmul(own, each), matmul(x, w)); // 2 KiB each
  const own = program('p', { outputs: { y: sum(chain) } });
  // One of them, and what goes in and comes out.
  expect(programBytes(own, (name) => name !== 'w').values).toBe(8 * KIB);
});
