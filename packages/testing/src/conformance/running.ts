// Checks of compiling and running: fresh results every time, equal programs side by side, disposal, determinism.
import {
  add,
  constant,
  gather,
  hostFloats,
  hostIntegers,
  input,
  matmul,
  multiply,
  negate,
  program,
  softmax,
  state,
  sum,
  takeAlongAxis,
  type HostTensors,
} from '@espalier/core/graph';
import { drawLeaves } from '../graph-case.js';
import { floats } from '../draws.js';
import { randomProgram } from '../random-program.js';
import { check, type Bench, type CheckGroup } from './bench.js';
import { equalNumbers, rejects } from './expectations.js';

const x = input('x', [3], 'float32');
const three = (...values: readonly [number, number, number]): HostTensors => ({ x: hostFloats(values, [3]) });

const running: CheckGroup = {
  title: 'runs',
  checks: [
    check('see their own inputs, and keep their results', async (bench) => {
      const executable = await bench.make({ outputs: { y: multiply(x, 2) } });
      const first = await executable.run(three(1, 2, 3));
      const second = await executable.run(three(4, 5, 6));
      equalNumbers(first['y'], [2, 4, 6], 'first result, after the second run');
      equalNumbers(second['y'], [8, 10, 12], 'second result');
      first['y']?.data.fill(0);
      equalNumbers((await executable.run(three(4, 5, 6)))['y'], [8, 10, 12], 'third result');
    }),
    check('leave their inputs alone, and own what they give back', async (bench) => {
      const executable = await bench.make({ outputs: { same: x, negated: negate(x) } });
      const inputs = three(1, 2, 3);
      const outputs = await executable.run(inputs);
      equalNumbers(inputs['x'], [1, 2, 3], 'input after the run');
      inputs['x']?.data.fill(0);
      equalNumbers(outputs['same'], [1, 2, 3], 'output that is the input');
      equalNumbers(outputs['negated'], [-1, -2, -3], 'other output');
    }),
    check('read inputs that were changed in place', async (bench) => {
      const executable = await bench.make({ outputs: { y: add(x, 1) } });
      const inputs = three(1, 2, 3);
      await executable.run(inputs);
      inputs['x']?.data.fill(5);
      equalNumbers((await executable.run(inputs))['y'], [6, 6, 6], 'result');
    }),
    check('without a state may overlap', async (bench) => {
      const executable = await bench.make({ outputs: { y: multiply(x, x) } });
      const results = await Promise.all([1, 2, 3, 4].map((n) => executable.run(three(n, n, n))));
      results.forEach((result, i) => equalNumbers(result['y'], Array<number>(3).fill((i + 1) ** 2), `result ${i}`));
    }),
    check('give one value under two names, under odd names, and what needs no input', async (bench) => {
      const y = add(x, 1);
      const outputs = { y, again: y, x, 'layers.0/w:1 "q"': negate(x), fixed: constant([1, 2], [2], 'int32') };
      const executable = await bench.make({ outputs }, 'a name with "quotes" / slashes');
      const found = await executable.run(three(1, 2, 3));
      bench.matches(found, outputs, { inputs: { x: [1, 2, 3] } });
    }),
    check('keep inputs, states and outputs of one name apart', async (bench) => {
      const own = state('x', [3], 'float32');
      const held = await bench.state({ x: { shape: [3], dtype: 'float32' } });
      const executable = await bench.make({ outputs: { x: add(x, own) }, next: { x: add(own, 1) } });
      await executable.run(three(1, 2, 3), held);
      equalNumbers((await executable.run(three(1, 2, 3), held))['x'], [2, 3, 4], 'output');
    }),
    check('ignore inputs they do not name', async (bench) => {
      const executable = await bench.make({ outputs: { y: add(x, 1) } });
      const found = await executable.run({ ...three(1, 2, 3), other: hostIntegers(1, []) });
      equalNumbers(found['y'], [2, 3, 4], 'result');
    }),
    check('are bit-identical when repeated', async (bench) => {
      const [a, b] = [input('a', [65, 130], 'float32'), input('b', [130, 70], 'float32')];
      const product = matmul(a, b);
      const outputs = { total: sum(softmax(product)), rows: sum(product, [0]), all: sum(multiply(a, a)) };
      const { inputs } = drawLeaves({ leaves: { a: floats([65, 130]), b: floats([130, 70]) } });
      await repeats(bench, outputs, inputs);
    }),
    check('of a random program are bit-identical when repeated', async (bench) => {
      const drawn = randomProgram(5);
      await repeats(bench, drawn.build().outputs, drawLeaves(drawn).inputs);
    }),
    check('survive an index out of range', async (bench) => {
      const at = input('at', [2], 'int32');
      const outputs = { rows: gather(x, at), picked: takeAlongAxis(x, at, 0) };
      const executable = await bench.make({ outputs });
      for (const wrong of [3, -1, 1_000_000]) {
        // Either an error, or numbers that mean nothing.
        await executable.run({ ...three(1, 2, 3), at: hostIntegers([0, wrong], [2]) }).catch(() => undefined);
      }
      const found = await executable.run({ ...three(1, 2, 3), at: hostIntegers([2, 0], [2]) });
      bench.matches(found, outputs, { inputs: { x: [1, 2, 3], at: [2, 0] } });
    }),
  ],
};

async function repeats(
  bench: Bench,
  outputs: Parameters<Bench['make']>[0]['outputs'],
  inputs: HostTensors,
): Promise<void> {
  const [one, another] = [await bench.make({ outputs }), await bench.make({ outputs })];
  const runs = [await one.run(inputs), await one.run(inputs), await another.run(inputs)];
  const [first = '', ...others] = runs.map((run) => JSON.stringify(Object.values(run).map(({ data }) => bits(data))));
  if (others.some((other) => other !== first)) throw new Error('two runs on the same inputs differ');
}

function bits({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('hex');
}

const compiling: CheckGroup = {
  title: 'compiling',
  checks: [
    check('there is at least one device, and the names of devices differ', async (bench) => {
      const names = (await bench.backend.devices()).map(({ name }) => name);
      if (names.length === 0 || new Set(names).size < names.length) throw new Error(`devices: ${names.join(', ')}`);
      if (bench.device !== undefined && !names.includes(bench.device)) throw new Error(`no device ${bench.device}`);
    }),
    check('an unknown device is refused by name', async (bench) => {
      const device = 'no such device';
      const compiled = program('check', { outputs: { x } });
      await rejects(() => bench.backend.compile(compiled, device), /no such device/);
      await rejects(() => bench.backend.createState({}, device), /no such device/);
    }),
    check('an executable knows its program', async (bench) => {
      const compiled = program('check', { outputs: { y: add(x, 1) } });
      const executable = await bench.compile(compiled);
      if (executable.program !== compiled) throw new Error('the executable has another program');
    }),
    check('equal programs run side by side; each is disposed of by itself', async (bench) => {
      const make = (name: string) => bench.make({ outputs: { y: add(x, 1) } }, name);
      const [first, second] = await Promise.all([make('first'), make('second')]);
      await first.dispose();
      await first.dispose();
      equalNumbers((await second.run(three(1, 2, 3)))['y'], [2, 3, 4], 'result of the other');
      await rejects(() => first.run(three(1, 2, 3)), /dispos/);
      const third = await make('third');
      equalNumbers((await third.run(three(2, 2, 2)))['y'], [3, 3, 3], 'result of a third');
    }),
    check('programs that differ in a constant only are told apart', async (bench) => {
      const long = (last: number): number[] => Array.from({ length: 30 }, (_, i) => (i === 29 ? last : i));
      for (const last of [1, 2]) {
        const outputs = { y: sum(multiply(constant(long(last), [30], 'float32'), input('k', [], 'float32'))) };
        const executable = await bench.make({ outputs });
        bench.matches(await executable.run({ k: hostFloats(1, []) }), outputs, { inputs: { k: [1] } });
      }
    }),
  ],
};

/** Groups of checks on compiling and running. */
export const runningChecks: readonly CheckGroup[] = [running, compiling];
