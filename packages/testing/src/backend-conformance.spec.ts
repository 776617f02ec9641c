// The suite finds what it is there to find: backends with one fault each, made from the reference backend.
import { expect, test } from 'vitest';
import {
  hostTensor,
  hostValues,
  isFloatTensor,
  isOp,
  multiply,
  referenceBackend,
  rewrite,
  type Backend,
  type DeviceState,
  type Executable,
  type HostTensor,
  type HostTensors,
  type Program,
  type Tensor,
} from '@espalier/core/graph';
import { conformanceChecks } from './backend-conformance.js';
import { Bench, runCheck } from './conformance/bench.js';

type Run = Executable['run'];

/** What is wrong with a backend: each member wraps or replaces what the reference does. */
interface Fault {
  readonly node?: (node: Tensor) => Tensor;
  readonly run?: (run: Run) => Run;
  readonly disposal?: () => Promise<void>;
  readonly read?: (read: DeviceState['read']) => DeviceState['read'];
  readonly write?: (write: DeviceState['write']) => DeviceState['write'];
  readonly start?: number;
  readonly compile?: (compile: Backend['compile']) => Backend['compile'];
}

function faultyBackend(fault: Fault): Backend {
  const sound = referenceBackend();
  const inner = new WeakMap<DeviceState, DeviceState>();
  const compile: Backend['compile'] = async (given, device) => {
    const made = await sound.compile(rewritten(given, fault.node), device);
    const run: Run = (inputs, state) => made.run(inputs, state && (inner.get(state) ?? state));
    return { program: given, run: fault.run?.(run) ?? run, dispose: fault.disposal ?? (() => made.dispose()) };
  };
  return {
    ...sound,
    compile: fault.compile?.(compile) ?? compile,
    createState: async (types, device) => {
      const made = await sound.createState(types, device);
      const filled = Object.entries(types).map(([name, type]) => {
        return [name, hostTensor(type, new Float64Array(type.shape.reduce((a, b) => a * b, 1)).fill(fault.start ?? 0))];
      });
      await made.write(Object.fromEntries(filled) as HostTensors);
      const read: DeviceState['read'] = (names) => made.read(names);
      const write: DeviceState['write'] = (values) => made.write(values);
      const shown: DeviceState = {
        types,
        read: fault.read?.(read) ?? read,
        write: fault.write?.(write) ?? write,
        dispose: () => made.dispose(),
      };
      inner.set(shown, made);
      return shown;
    },
  };
}

function rewritten(given: Program, change: Fault['node']): Program {
  if (change === undefined) return given;
  const map = rewrite([...Object.values(given.outputs), ...Object.values(given.next)], change);
  const mapped = (results: Program['outputs']): Program['outputs'] =>
    Object.fromEntries(Object.entries(results).map(([name, node]) => [name, map.get(node) ?? node]));
  return { ...given, outputs: mapped(given.outputs), next: mapped(given.next) };
}

/** A run whose outputs are changed. */
const changed =
  (change: (tensor: HostTensor) => HostTensor): Fault['run'] =>
  (run) =>
  async (inputs, state) => {
    const found = await run(inputs, state);
    return Object.fromEntries(Object.entries(found).map(([name, tensor]) => [name, change(tensor)]));
  };

/** Titles of the checks of one group that a backend fails. */
async function failures(fault: Fault, groupTitle: string): Promise<readonly string[]> {
  const failed: string[] = [];
  const backend = faultyBackend(fault);
  for (const check of conformanceChecks().find(({ title }) => title === groupTitle)?.checks ?? []) {
    await runCheck(check, new Bench(backend, 1e-5)).catch(() => failed.push(check.title));
  }
  return failed;
}

/** The results of the first run for ever. */
function staleResults(): Fault {
  let first: Promise<HostTensors> | undefined;
  return { run: (run) => (inputs, state) => (first ??= run(inputs, state)) };
}

/** Outputs in memory that the next run writes into. */
function sharedMemory(): Fault {
  const buffers = new Map<string, HostTensor>();
  return {
    run: changed((tensor) => {
      const buffer = buffers.get(tensor.shape.join()) ?? tensor;
      buffers.set(tensor.shape.join(), buffer);
      tensor.data.forEach((value, i) => (buffer.data[i] = value));
      return buffer;
    }),
  };
}

/** Results that depend on how often was run before. */
function driftingResults(): Fault {
  let runs = 0;
  const drifted = (tensor: HostTensor): Float64Array => hostValues(tensor).map((value) => value + ++runs / 1e7);
  return { run: changed((tensor) => (tensor.dtype === 'float32' ? hostTensor(tensor, drifted(tensor)) : tensor)) };
}

/** One executable for all programs. */
function sharedExecutable(): Fault {
  let shared: Promise<Executable> | undefined;
  return { compile: (compile) => (given, device) => (shared ??= compile(given, device)) };
}

/** Inputs held for ever, as copies: as a device does that never lets go of its buffers. */
function keptInputs(): Fault {
  const kept: HostTensors[] = [];
  return { run: (run) => (inputs, state) => (kept.push(structuredClone(inputs)), run(inputs, state)) };
}

/** Composites known by their names: the first of a name stands for all. */
function kernelsByName(): Fault {
  const kernels = new Map<string, Tensor>();
  return {
    node: (node) => {
      const [x] = node.inputs;
      if (!isOp(node, 'composite') || x === undefined) return node;
      const kernel = kernels.get(node.attributes.definition.name) ?? node.attributes.body;
      kernels.set(node.attributes.definition.name, kernel);
      return { ...kernel, inputs: kernel.inputs.map(() => x), shape: x.shape };
    },
  };
}

const faults: readonly (readonly [fault: string, Fault, group: string, check: string])[] = [
  [
    'gives the results of the first run for ever',
    staleResults(),
    'runs',
    'see their own inputs, and keep their results',
  ],
  [
    'gives outputs in memory that the next run writes into',
    sharedMemory(),
    'runs',
    'see their own inputs, and keep their results',
  ],
  ['gives results that depend on the run', driftingResults(), 'runs', 'are bit-identical when repeated'],
  [
    'computes next values from new ones',
    {
      run: (run) => async (inputs, state) => {
        const old = state && (await state.read(Object.keys(state.types).slice(0, 1)));
        const result = await run(inputs, state);
        if (old === undefined) return result;
        const fresh = await state?.read(Object.keys(old));
        await run(inputs, state); // the others now see what the first became
        await state?.write(fresh ?? {});
        return result;
      },
    },
    'next values of state',
    'are all computed from the old ones',
  ],
  ['starts state as ones', { start: 1 }, 'state on the device', 'starts as zeros, of every dtype'],
  [
    'writes state until something is wrong',
    {
      write: (write) => async (values) => {
        for (const [name, tensor] of Object.entries(values)) await write({ [name]: tensor });
      },
    },
    'refusals',
    'write all of the state or nothing',
  ],
  [
    'throws at the call',
    {
      read: (read) => (names) => {
        if (names.includes('r')) throw new Error('there is no state "r"; held are s, t');
        return read(names);
      },
    },
    'refusals',
    'name a state that is not held, and those that are',
  ],
  [
    'says only that something is wrong',
    { run: (run) => (inputs, state) => run(inputs, state).catch(() => Promise.reject(new Error('invalid argument'))) },
    'refusals',
    'name a missing input and the type it must have',
  ],
  [
    'takes no notice of disposal',
    { disposal: () => Promise.resolve() },
    'compiling',
    'equal programs run side by side; each is disposed of by itself',
  ],
  [
    'shares one executable, gone when the first user goes',
    sharedExecutable(),
    'compiling',
    'equal programs run side by side; each is disposed of by itself',
  ],
  [
    'takes any device for its own',
    { compile: (compile) => (given) => compile(given) },
    'compiling',
    'an unknown device is refused by name',
  ],
  [
    'gives float16 as numbers in place of bits',
    { run: changed((own) => (own.dtype === 'float16' ? { ...own, data: Uint16Array.from(hostValues(own)) } : own)) },
    'input',
    'float16',
  ],
  [
    'normalises along the last axis only',
    { node: (node) => (isOp(node, 'softmax') ? { ...node, attributes: { axis: node.shape.length - 1 } } : node) },
    'softmax',
    '[2, 3, 2] along axis 1',
  ],
  [
    'multiplies with an error of 1 in 10 000',
    { node: (node) => (isOp(node, 'matmul') && isFloatTensor(node) ? multiply(node, 1.0001) : node) },
    'matmul',
    '[2, 3] · [3, 4]',
  ],
  [
    'keeps every input it was given',
    keptInputs(),
    'memory',
    'a thousand runs with inputs, state and outputs leave nothing behind',
  ],
  [
    'gives a gradient half of what it is',
    {
      compile: (compile) => async (given, device) => {
        const made = await compile(given, device);
        if (given.name !== 'gradients') return made;
        return {
          ...made,
          run: (inputs, state) =>
            changed((own) =>
              hostTensor(
                own,
                hostValues(own).map((x) => x / 2),
              ),
            )!(made.run)(inputs, state),
        };
      },
    },
    'gradients by differences on the device',
    'a product',
  ],
  ['takes a composite for another of its name', kernelsByName(), 'composite', 'two of one name side by side'],
];

test.each(faults)('a backend that %s is found', async (_title, fault, group, check) => {
  expect(await failures(fault, group)).toContain(check);
});

test('the same backend without a fault passes those groups', async () => {
  for (const group of new Set(faults.map(([, , title]) => title))) expect(await failures({}, group)).toEqual([]);
});

test('titles of groups and of the checks in each are told apart', () => {
  const groups = conformanceChecks();
  expect(new Set(groups.map(({ title }) => title)).size).toBe(groups.length);
  for (const { title, checks } of groups) {
    expect(checks.length, title).toBeGreaterThan(0);
    expect(new Set(checks.map((own) => own.title)).size, title).toBe(checks.length);
  }
});
