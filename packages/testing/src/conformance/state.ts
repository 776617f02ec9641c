// Checks of state on the device: reading and writing it, replacing it, and sharing it between programs.
import { present } from '@espalier/core';
import {
  add,
  constant,
  hostFloats,
  hostIntegers,
  hostTensor,
  input,
  multiply,
  state,
  subtract,
  sum,
  type DeviceState,
  type HostTensors,
  type Tensor,
  type TensorTypes,
} from '@espalier/core/graph';
import { check, type Check, type CheckGroup } from './bench.js';
import { equalNumbers, rejects } from './expectations.js';

const pair: TensorTypes = { a: { shape: [2], dtype: 'float32' }, b: { shape: [2], dtype: 'float32' } };
const a = state('a', [2], 'float32');
const b = state('b', [2], 'float32');
const x = input('x', [2], 'float32');

function two(first: number, second: number): HostTensors[string] {
  return hostFloats([first, second], [2]);
}

async function holds(held: DeviceState, expected: Readonly<Record<string, readonly number[]>>): Promise<void> {
  const found = await held.read(Object.keys(expected));
  for (const [name, values] of Object.entries(expected)) equalNumbers(found[name], values, `state "${name}"`);
}

const everyType: TensorTypes = {
  floats: { shape: [2, 2], dtype: 'float32' },
  halves: { shape: [3], dtype: 'float16' },
  integers: { shape: [2], dtype: 'int32' },
  booleans: { shape: [3], dtype: 'bool' },
  scalar: { shape: [], dtype: 'float32' },
  nothing: { shape: [0, 2], dtype: 'float32' },
};
const everyValue: Readonly<Record<string, readonly number[]>> = {
  floats: [1.5, -2, 3, 1e-3].map(Math.fround),
  halves: [0.5, -2, 1024],
  integers: [-2147483648, 2147483647],
  booleans: [1, 0, 1],
  scalar: [7],
  nothing: [],
};

const holding: CheckGroup = {
  title: 'state on the device',
  checks: [
    check('starts as zeros, of every dtype', async (bench) => {
      const zeros = Object.entries(everyValue).map(([name, values]) => [name, values.map(() => 0)] as const);
      await holds(await bench.state(everyType), Object.fromEntries(zeros));
    }),
    check('reads back what was written, of every dtype', async (bench) => {
      const held = await bench.state(everyType);
      const values = Object.entries(everyType).map(
        ([name, type]) => [name, hostTensor(type, present(everyValue[name], `the values of "${name}"`))] as const,
      );
      await held.write(Object.fromEntries(values));
      await holds(held, everyValue);
    }),
    check('writes some and leaves the rest', async (bench) => {
      const held = await bench.state(pair);
      await held.write({ a: two(1, 2), b: two(3, 4) });
      await held.write({ b: two(5, 6) });
      await holds(held, { a: [1, 2], b: [5, 6] });
    }),
    check('copies in and out', async (bench) => {
      const held = await bench.state(pair);
      const mine = two(1, 2);
      await held.write({ a: mine });
      mine.data.fill(9);
      await holds(held, { a: [1, 2] });
      const { a: read } = await held.read(['a']);
      read?.data.fill(9);
      await holds(held, { a: [1, 2] });
    }),
    check('of two states is separate, also under one executable', async (bench) => {
      const [first, second] = [await bench.state(pair), await bench.state(pair)];
      const executable = await bench.make({ next: { a: add(a, x) } });
      await executable.run({ x: two(1, 1) }, first);
      await executable.run({ x: two(10, 10) }, second);
      await executable.run({ x: two(100, 100) }, first);
      await holds(first, { a: [101, 101] });
      await holds(second, { a: [10, 10] });
    }),
    check('is gone once disposed of, which may be done twice', async (bench) => {
      const held = await bench.state(pair);
      const executable = await bench.make({ outputs: { a } });
      await held.dispose();
      await held.dispose();
      await rejects(() => held.read(['a']), /dispos/);
      await rejects(() => held.write({ a: two(1, 1) }), /dispos/);
      await rejects(() => executable.run({}, held), /dispos/);
    }),
  ],
};

/** Runs one step from a = (1, 2), b = (3, 4) and compares the state after it. */
function step(
  title: string,
  next: Readonly<Record<string, Tensor>>,
  expected: Readonly<Record<string, readonly number[]>>,
): Check {
  return check(title, async (bench) => {
    const held = await bench.state(pair);
    await held.write({ a: two(1, 2), b: two(3, 4) });
    const executable = await bench.make({ next });
    await executable.run({ x: two(10, 20) }, held);
    await holds(held, expected);
  });
}

const replacing: CheckGroup = {
  title: 'next values of state',
  checks: [
    step('are computed', { a: add(a, x) }, { a: [11, 22], b: [3, 4] }),
    step('are all computed from the old ones', { a: add(a, b), b: multiply(a, b) }, { a: [4, 6], b: [3, 8] }),
    step('may swap', { a: b, b: a }, { a: [3, 4], b: [1, 2] }),
    step('may be the old ones', { a, b: add(a, b) }, { a: [1, 2], b: [4, 6] }),
    step('may copy another state', { b: a }, { a: [1, 2], b: [1, 2] }),
    step('may be one for two states', { a: x, b: x }, { a: [10, 20], b: [10, 20] }),
    step('may be constant', { a: constant([7, 8], [2], 'float32') }, { a: [7, 8], b: [3, 4] }),
    check('build up run by run, and after a write', async (bench) => {
      const held = await bench.state(pair);
      const executable = await bench.make({ next: { a: add(a, x), b: subtract(b, a) } });
      for (let i = 0; i < 5; i++) await executable.run({ x: two(1, 2) }, held);
      await holds(held, { a: [5, 10], b: [-10, -20] });
      await held.write({ a: two(0, 0) });
      await executable.run({ x: two(1, 2) }, held);
      await holds(held, { a: [1, 2], b: [-10, -20] });
    }),
    check('leave an output of the same run its old value', async (bench) => {
      const held = await bench.state(pair);
      await held.write({ a: two(1, 2) });
      const executable = await bench.make({ outputs: { old: a, fresh: add(a, x) }, next: { a: add(a, x) } });
      const first = await executable.run({ x: two(10, 20) }, held);
      const second = await executable.run({ x: two(10, 20) }, held);
      equalNumbers(first['old'], [1, 2], 'first old value');
      equalNumbers(first['fresh'], [11, 22], 'first new value');
      equalNumbers(second['old'], [11, 22], 'second old value');
      await holds(held, { a: [21, 42] });
    }),
    check('that came from one value part again', async (bench) => {
      const held = await bench.state(pair);
      const both = await bench.make({ next: { a: x, b: x } });
      const one = await bench.make({ next: { a: add(a, a) } });
      const copy = await bench.make({ next: { b: a } });
      await both.run({ x: two(1, 2) }, held);
      await one.run({}, held);
      await holds(held, { a: [2, 4], b: [1, 2] });
      await copy.run({}, held);
      await one.run({}, held);
      await one.run({}, held);
      await holds(held, { a: [8, 16], b: [2, 4] });
    }),
    check('are seen by every program that shares the state, and need not concern all of it', async (bench) => {
      const held = await bench.state({ ...pair, n: { shape: [], dtype: 'int32' } });
      const n = state('n', [], 'int32');
      const train = await bench.make({ outputs: { n }, next: { a: add(a, x), n: add(n, 1) } });
      const evaluation = await bench.make({ outputs: { total: sum(a) } });
      for (const total of [3, 6, 9]) {
        await train.run({ x: two(1, 2) }, held);
        equalNumbers((await evaluation.run({}, held))['total'], [total], 'total');
      }
      equalNumbers((await train.run({ x: two(0, 0) }, held))['n'], [3], 'count');
      await holds(held, { n: [4], b: [0, 0] });
    }),
    check('outlive the executable', async (bench) => {
      const held = await bench.state({ n: { shape: [2], dtype: 'int32' } });
      const executable = await bench.make({ next: { n: add(state('n', [2], 'int32'), input('m', [2], 'int32')) } });
      await executable.run({ m: hostIntegers([1, -2], [2]) }, held);
      await executable.dispose();
      await holds(held, { n: [1, -2] });
    }),
    check('stay the old ones when a run is refused', async (bench) => {
      const held = await bench.state(pair);
      await held.write({ a: two(1, 2) });
      const executable = await bench.make({ next: { a: add(a, x) } });
      await rejects(() => executable.run({}, held), /"x"/);
      await holds(held, { a: [1, 2] });
    }),
  ],
};

/** Groups of checks on state. */
export const stateChecks: readonly CheckGroup[] = [holding, replacing];
