// How long a forward pass of a shape takes on this machine: compiled on the backend with random weights, run a few times.
import { hostIntegers } from '../../backend/index.js';
import type { Workload } from '../../cost/memory.js';
import { argMax, input, program } from '../../graph/index.js';
import {
  createRunner,
  runnerWeights,
  weightShape,
  type Architecture,
  type Model,
  type RunnerContext,
} from '../../model/index.js';
import { random } from '../../random.js';
import { at } from '../../look-up.js';

/** A measurement. */
export interface Timing {
  /** Median of the runs, in milliseconds. */
  readonly milliseconds: number;
  /** How far runs lie apart: (slowest − fastest) / median. */
  readonly spread: number;
}

/** Times a shape; the same shape is measured once. */
export type Timer = (architecture: Architecture) => Promise<Timing>;

/** What is timed, and how often. */
export interface TimerOptions extends Workload {
  /** Timed runs, after one that is not; 5 when not given. */
  readonly runs?: number;
}

/** Times forward passes over a workload, all logits computed. Only the family and the small files of `model` are used. */
export function createTimer(model: Model, { batch, length, runs = 5 }: TimerOptions, context: RunnerContext): Timer {
  const known = new Map<string, Promise<Timing>>();
  return (architecture) => {
    const key = JSON.stringify(architecture);
    const own = known.get(key) ?? timeForward({ ...model, architecture }, { batch, length, runs }, context);
    known.set(key, own);
    return own;
  };
}

async function timeForward(
  shape: Model,
  { batch, length, runs }: Required<TimerOptions>,
  context: RunnerContext,
): Promise<Timing> {
  const { family, architecture } = shape;
  const runner = await createRunner(
    { ...shape, weights: { read: (name) => Promise.resolve(noise(shape, name)) } },
    context,
  );
  try {
    const ids = input('ids', [batch, length], 'int32');
    const logits = family.forward(architecture, { ids, weight: runnerWeights(shape) });
    const forward = program('forward', { outputs: { next: argMax(logits, 1) } });
    const stream = random(1);
    const values = Array.from({ length: batch * length }, () => stream.integer(architecture.sizes.vocab));
    const inputs = { ids: hostIntegers(values, [batch, length]) };
    await runner.run(forward, inputs);
    const times: number[] = [];
    for (let run = 0; run < runs; run++) {
      const began = performance.now();
      await runner.run(forward, inputs);
      times.push(performance.now() - began);
    }
    return timing(times);
  } finally {
    await runner.dispose();
  }
}

/** Median and spread of some runs. */
export function timing(times: readonly number[]): Timing {
  const sorted = times.toSorted((a, b) => a - b);
  const milliseconds = at(sorted, Math.floor(sorted.length / 2));
  return { milliseconds, spread: (at(sorted, -1) - at(sorted, 0)) / milliseconds };
}

/** Small numbers around 0 for matrices, near 1 for norms: nothing overflows, nothing is denormal. */
function noise({ family, architecture }: Model, name: string): Float32Array {
  const spec = family.weights(architecture).find((own) => own.name === name);
  const count = spec === undefined ? 0 : weightShape(spec, architecture.sizes).reduce((a, b) => a * b, 1);
  const offset = spec?.kind === 'norm' ? 1 : 0;
  // A full period of a cheap generator: quality does not matter here, speed does.
  let state = 1;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return offset + 0.02 * (state / 2 ** 31 - 1);
  });
}
