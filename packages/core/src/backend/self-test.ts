// Whether a device computes, and how fast: a small graph against the reference evaluator, then matrix products for about a second.
import { evaluate } from '../graph/evaluate.js';
import {
  add,
  constant,
  exp,
  matmul,
  multiply,
  sliceAll,
  softmax,
  state,
  sum,
  tanh,
  transpose,
} from '../graph/build.js';
import { program } from '../graph/program.js';
import type { Backend, Device, HostTensor } from './backend.js';
import { chooseDevice } from './devices.js';
import { hostFloats, hostValues } from './host.js';
import { at } from '../look-up.js';

/** What a self-test found. */
export type SelfTest =
  | {
      /** The results are those of the reference evaluator, within 1e-4 of the largest. */
      readonly passed: true;
      /** Float32 operations a second in matrix products, 2·n³ for one of two n × n matrices. */
      readonly matmulRate: number;
    }
  | {
      /** The results differ, or there are none. */
      readonly passed: false;
      /** A clause: how they differ, or the message of what was thrown. */
      readonly problem: string;
    };

const TOLERANCE = 1e-4;
/** Sizes of the products; a device that needs long for one is not given the next. */
const SIZES = [128, 256, 512, 1024];
const SECONDS = 0.7;

/** Computes on the device what is known, then measures it; a device that fails is not an error here. Takes about a second. */
export async function selfTest(backend: Backend, device: string): Promise<SelfTest> {
  try {
    const difference = await worstDifference(backend, device);
    if (!(difference <= TOLERANCE))
      return { passed: false, problem: `its results are off by ${difference.toExponential(1)}` };
    return { passed: true, matmulRate: await matmulRate(backend, device) };
  } catch (error) {
    return { passed: false, problem: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * The device with the highest matrix rate of those that can be used here and pass the self-test; where none does, the first
 * usable one. Throws `InputError` where no device can be used.
 */
export async function fastestDevice(backend: Backend): Promise<Device> {
  const devices = await backend.devices();
  const tested: { readonly device: Device; readonly rate: number }[] = [];
  for (const device of devices.filter(({ unavailable }) => unavailable === undefined)) {
    const result = await selfTest(backend, device.name);
    if (result.passed) tested.push({ device, rate: result.matmulRate });
  }
  const [best] = tested.sort((a, b) => b.rate - a.rate);
  return best?.device ?? chooseDevice(backend.name, devices);
}

/** Largest difference from the reference evaluator, relative to the largest value, of a graph with an update of state. */
async function worstDifference(backend: Backend, device: string): Promise<number> {
  const values = Array.from({ length: 16 }, (_, i) => Math.sin(i + 1));
  const [held, fixed] = [state('held', [4, 4], 'float32'), constant(values, [4, 4], 'float32')];
  const product = matmul(tanh(held), transpose(fixed, [1, 0]));
  const compiled = program('self-test', {
    outputs: { loss: sum(multiply(softmax(product), exp(fixed))) },
    next: { held: add(held, product) },
  });
  const [executable, kept] = [
    await backend.compile(compiled, device),
    await backend.createState(compiled.states, device),
  ];
  try {
    await kept.write({ held: hostFloats(values, [4, 4]) });
    const { loss } = await executable.run({}, kept);
    const { held: next } = await kept.read(['held']);
    const expected = evaluate(
      { loss: compiled.outputs['loss'] ?? fixed, held: compiled.next['held'] ?? fixed },
      { states: { held: values } },
    );
    return Math.max(difference(loss, expected.loss), difference(next, expected.held));
  } finally {
    await executable.dispose();
    await kept.dispose();
  }
}

/** Operations a second of the largest product that the time allows; operands and result stay on the device. */
async function matmulRate(backend: Backend, device: string): Promise<number> {
  const began = performance.now();
  let rate = 0;
  for (const size of SIZES) {
    const operations = 2 * size ** 3;
    const left = SECONDS - (performance.now() - began) / 1000;
    if (rate > 0 && (3 * operations) / rate > left) break;
    rate = await productRate(backend, device, size);
  }
  return rate;
}

async function productRate(backend: Backend, device: string, size: number): Promise<number> {
  const [a, b] = [state('a', [size, size], 'float32'), state('b', [size, size], 'float32')];
  const product = matmul(a, b);
  // The product stays on the device; a corner of it comes back, so that a run is over when it says so.
  const compiled = program('matmul-rate', {
    next: { c: product },
    outputs: { corner: sliceAll(product, [0, 0], [1, 1]) },
  });
  const [executable, kept] = [
    await backend.compile(compiled, device),
    await backend.createState(compiled.states, device),
  ];
  try {
    const values = Float32Array.from({ length: size * size }, (_, i) => (i % 7) - 3);
    await kept.write({ a: hostFloats(values, [size, size]), b: hostFloats(values, [size, size]) });
    await executable.run({}, kept);
    let best = Infinity;
    for (let run = 0; run < 3; run++) {
      const start = performance.now();
      await executable.run({}, kept);
      best = Math.min(best, (performance.now() - start) / 1000);
    }
    return (2 * size ** 3) / best;
  } finally {
    await executable.dispose();
    await kept.dispose();
  }
}

function difference(found: HostTensor | undefined, expected: Float64Array): number {
  if (found === undefined) return NaN;
  const scale = Math.max(1, ...expected.map(Math.abs));
  return Math.max(...hostValues(found).map((value, i) => Math.abs(value - at(expected, i)) / scale));
}
