// One program over many batches, layer by layer: all batches pass a layer before the next one's weights are looked at, so
// that no more than one layer is at hand at a time, and each weight is read once.
import type { Executable, HostTensor, HostTensors, StorageType, StoredTensor } from '../backend/index.js';
import { cutProgram, elementCount, programHash, type Program, type ProgramPart } from '../graph/index.js';
import { present } from '../look-up.js';
import type { Model } from './model.js';
import { mappable } from './mappable.js';
import type { RunnerContext } from './model-runner.js';
import type { ModelShape } from './state-weights.js';
import { compileFor } from './told-while.js';

/** What all batches gave. */
export interface AllRuns {
  /** Outputs of each batch, in their order. */
  readonly outputs: readonly HostTensors[];
  /** Values of the states that the program replaces, after the last batch; they were zeros before the first. */
  readonly states: HostTensors;
}

/** What is told meanwhile, and how it is ended. */
export interface AllRunsOptions {
  /** Aborted when the work is no longer wanted: it rejects with the reason between two runs. */
  readonly signal?: AbortSignal;
  /** Called after each run with the share of all work that is done. */
  progress?(share: number): void;
  /**
   * Bytes of what batches carry from one layer to the next that are kept at a time; 512 MiB when not given. More batches than that come to go
   * through in groups, and the weights are read once for each.
   */
  readonly carried?: number;
}

/** As `AllRunsOptions.carried`. */
const CARRIED = 2 ** 29;

/** How many batches go through the layers together. */
export function batchesTogether(parts: readonly ProgramPart[], bytes: number = CARRIED): number {
  const lastUse = lastUses(parts);
  const carried = new Map<number, number>();
  let most = 1;
  for (const [index, { program, gives }] of parts.entries()) {
    for (const [short, number] of gives)
      carried.set(number, 4 * elementCount(present(program.outputs[short], 'what a part gives').shape));
    most = Math.max(
      most,
      [...carried.values()].reduce((sum, bytes) => sum + bytes, 0),
    );
    for (const number of carried.keys()) if ((lastUse.get(number) ?? index) <= index) carried.delete(number);
  }
  return Math.max(1, Math.floor(bytes / most));
}

/**
 * Runs a program over batches part by part (`cutProgram`), as many of them at a time as `batchesTogether` says; `weightOf` gives the weight that a state holds. The weights lie where the checkpoint
 * has them, where the backend can read files. Rejects as the backend and the weights do.
 */
export async function runLayered(
  model: Model,
  whole: Program,
  batches: readonly HostTensors[],
  context: RunnerContext,
  weightOf: (state: string) => string | undefined,
  { signal, progress = () => undefined, carried }: AllRunsOptions = {},
): Promise<AllRuns> {
  const parts = layerParts(model, whole, weightOf);
  const together = batchesTogether(parts, carried);
  const outputs: HostTensors[] = [];
  let states: HostTensors = {};
  for (let start = 0; start < batches.length; start += together) {
    const group = batches.slice(start, start + together);
    const own = await runGroup({ model, parts, states }, group, context, weightOf, {
      ...(signal && { signal }),
      progress: (share) => progress((start + share * group.length) / batches.length),
    });
    outputs.push(...own.outputs);
    states = own.states;
  }
  return { outputs, states };
}

/** What a group of batches runs through, and the states that the groups before it have left. */
interface Layers extends Pick<AllRuns, 'states'> {
  readonly model: Model;
  readonly parts: readonly ProgramPart[];
}

async function runGroup(
  { model, parts, states: before }: Layers,
  batches: readonly HostTensors[],
  context: RunnerContext,
  weightOf: (state: string) => string | undefined,
  { signal, progress }: Required<Pick<AllRunsOptions, 'progress'>> & AllRunsOptions,
): Promise<AllRuns> {
  const { backend, device } = context;
  const hashes = parts.map(({ program }) => programHash(program));
  const lastUse = lastUses(parts);
  const carried = batches.map(() => new Map<number, HostTensor>());
  const outputs: Record<string, HostTensor>[] = batches.map(() => ({}));
  const states: Record<string, HostTensor> = {};
  const compiled = new Map<string, Executable>();
  const files = backend.readsFiles?.(device) === true;
  try {
    for (const [index, part] of parts.entries()) {
      const hash = present(hashes[index], 'the hash of a part');
      const stored = new Map<string, StoredTensor>();
      const others: string[] = [];
      for (const [short, name] of part.states) {
        const weight = weightOf(name);
        const place = weight === undefined || !files ? undefined : mappable(model.weights, weight);
        if (place !== undefined && weight !== undefined) {
          await model.weights.check?.(weight);
          stored.set(short, place);
        } else if (weight !== undefined) others.push(short);
      }
      const storage = new Map<string, StorageType>(Array.from(stored, ([short, { type }]) => [short, type]));
      const key = `${hash} ${JSON.stringify([...storage])}`;
      const executable = compiled.get(key) ?? (await compileFor(context, part.program, storage));
      compiled.set(key, executable);
      const state = await backend.createState(part.program.states, device, stored);
      try {
        for (const short of others) {
          const weight = present(weightOf(present(part.states.get(short), 'a state')), 'a weight');
          const { shape } = present(part.program.states[short], 'the type of a state');
          const data = await model.weights.read(weight);
          await state.write({ [short]: { dtype: 'float32', shape, data } });
        }
        for (const short of Object.keys(part.program.next)) {
          const value = before[present(part.states.get(short), 'a state')];
          if (value !== undefined) await state.write({ [short]: value });
        }
        for (const [batch, inputs] of batches.entries()) {
          signal?.throwIfAborted();
          const own = present(carried[batch], 'what a batch carries');
          const results = await executable.run(feeds(part, inputs, own), state);
          for (const [short, number] of part.gives) own.set(number, present(results[short], 'what a part gives'));
          for (const [short, name] of part.outputs) {
            present(outputs[batch], 'the outputs of a batch')[name] = present(results[short], `output "${name}"`);
          }
          for (const number of own.keys()) if (lastUse.get(number) === index) own.delete(number);
          progress((index + (batch + 1) / batches.length) / parts.length);
        }
        const replaced = Object.keys(part.program.next);
        for (const [short, value] of Object.entries(await state.read(replaced))) {
          states[present(part.states.get(short), 'a state')] = value;
        }
      } finally {
        await state.dispose();
      }
      // A program that no later part uses gives its memory back.
      if (!hashes.includes(hash, index + 1)) {
        for (const [own, each] of compiled) {
          if (!own.startsWith(`${hash} `)) continue;
          await each.dispose();
          compiled.delete(own);
        }
      }
    }
    return { outputs, states };
  } finally {
    for (const executable of compiled.values()) await executable.dispose();
  }
}

/** The parts in which a program runs; `weightOf` gives the weight that a state holds. */
export function layerParts(
  { family, architecture }: ModelShape,
  whole: Program,
  weightOf: (state: string) => string | undefined,
): readonly ProgramPart[] {
  const specs = new Map(family.weights(architecture).map((spec) => [spec.name, spec]));
  return cutProgram(whole, (name) => {
    const weight = weightOf(name);
    return weight === undefined ? undefined : (specs.get(weight)?.layer ?? 'outside');
  });
}

/** Inputs of a part: the program's own, and what earlier parts gave. */
function feeds(part: ProgramPart, inputs: HostTensors, carried: ReadonlyMap<number, HostTensor>): HostTensors {
  const fed: Record<string, HostTensor> = {};
  for (const [short, name] of part.inputs) fed[short] = present(inputs[name], `input "${name}"`);
  for (const [short, number] of part.takes) fed[short] = present(carried.get(number), 'what an earlier part gave');
  return fed;
}

/** The last part (its index) that takes each of the values that parts give. */
export function lastUses(parts: readonly ProgramPart[]): ReadonlyMap<number, number> {
  return new Map(parts.flatMap(({ takes }, index) => [...takes.values()].map((number) => [number, index] as const)));
}
