// What a process holds while a model runs over batches: weights, the values of its program, and what it keeps of all batches.
import { elementCount, type Program } from '../graph/index.js';
import { runsLayered, runsMapped, type ModelShape } from '../model/index.js';
import { batchesTogether, lastUses, layerParts } from '../model/layered-run.js';
import { weightName } from '../model/model-runner.js';
import { weightBytes } from './memory.js';
import { programBytes, tablesOf } from './program-memory.js';

/** Bytes of a process besides states and values: the runtime, its sessions, what JavaScript keeps. */
export const PROCESS_BYTES = 192 * 2 ** 20;

/** Bytes that a model takes at its worst moment, by what they are for. */
export interface RunBytes {
  /** All weights as float32, or of a large model the pages of its files that are looked at together, taken to be of 16 bits a number; other states. */
  readonly state: number;
  /** Values of the program or, of a large model, of the layer that holds most; what all batches carry on and give. */
  readonly values: number;
  /** The sum, with what the process takes besides. */
  readonly total: number;
}

/** How a program is run. */
export interface RunnerUse {
  /** Batches that go through the model together, as `runAll` has them; 1 when not given. */
  readonly batches?: number;
  /** Whether all weights are at hand at once, as for `run`; those of a small model when not given. */
  readonly whole?: boolean;
}

/** Bytes of a runner's program. Nothing is compiled or allocated. */
export function runnerBytes(
  model: ModelShape,
  program: Program,
  { batches = 1, whole = !runsLayered(model) }: RunnerUse = {},
): RunBytes {
  const outputs = batches * sizeOf(program.outputs);
  const { state, values } = whole ? wholeBytes(model, program) : layeredBytes(model, program, batches);
  return { state, values: values + outputs, total: PROCESS_BYTES + state + values + outputs };
}

type Held = Pick<RunBytes, 'state' | 'values'>;

function wholeBytes(model: ModelShape, program: Program): Held {
  const mapped = runsMapped(model);
  const { next, fixed, values } = programBytes(program, (name) => mapped && weightName(name) !== undefined);
  const others = Object.entries(program.states).filter(([name]) => weightName(name) === undefined);
  const weights = weightBytes(model, 'F32') / (mapped ? 2 : 1);
  return { state: weights + sizeOf(Object.fromEntries(others)) + next, values: values + fixed };
}

/** The part that holds most. */
function layeredBytes(model: ModelShape, program: Program, batches: number): Held {
  const parts = layerParts(model, program, weightName);
  const lastUse = lastUses(parts);
  const together = Math.min(batches, batchesTogether(parts));
  /** Bytes of what each batch has carried so far. */
  const carried = new Map<number, number>();
  const carriedBytes = (): number => [...carried.values()].reduce((total, bytes) => total + bytes, 0);
  let most: Held = { state: 0, values: 0 };
  for (const [index, { program: own, states, gives }] of parts.entries()) {
    const isWeight = (short: string): boolean => weightName(states.get(short) ?? '') !== undefined;
    const before = carriedBytes();
    for (const [short, key] of gives) carried.set(key, sizeOf({ [short]: own.outputs[short] }));
    const meanwhile = carriedBytes();
    for (const key of carried.keys()) if ((lastUse.get(key) ?? index) <= index) carried.delete(key);
    const tables = tablesOf(own);
    // Of a table only the rows that are looked up come into memory.
    const state = Object.entries(own.states).reduce(
      (total, [short, type]) => total + (tables.has(short) ? 0 : sizeOf({ type }) / (isWeight(short) ? 2 : 1)),
      0,
    );
    const { next, fixed, values } = programBytes(own, isWeight);
    // One batch after the other lets go of what it came with.
    const kept = meanwhile + (together - 1) * Math.max(before, carriedBytes());
    const held = { state: state + next, values: fixed + values + kept };
    if (held.state + held.values > most.state + most.values) most = held;
  }
  return most;
}

/** Bytes of tensors, of four each number. */
function sizeOf(types: Readonly<Record<string, { readonly shape: readonly number[] } | undefined>>): number {
  return Object.values(types).reduce((total, own) => total + 4 * elementCount(own?.shape ?? [0]), 0);
}
