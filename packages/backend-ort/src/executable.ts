// One program with its state in main memory: results are written into buffers that the caller owns, and nothing is copied.
import { present } from '@espalier/core';
import {
  checkRun,
  deviceFailure,
  GraphError,
  hostZeros,
  onnxNames,
  type DeviceState,
  type Executable,
  type HostTensor,
  type HostTensors,
  type Program,
} from '@espalier/core/graph';
import type { OrtHost, OrtSession } from './c-api/session.js';
import { createTensor, memoryOf, type OrtTensor } from './c-api/tensors.js';
import { HostState } from './state.js';

export class HostExecutable implements Executable {
  readonly #release: () => Promise<void>;
  readonly #swapped: readonly string[];
  readonly #running = new Set<Promise<void>>();
  #disposed = false;

  constructor(
    readonly program: Program,
    readonly device: string,
    readonly runtime: OrtHost,
    readonly session: OrtSession,
    /** States that are replaced where they lie; the others have a second buffer. */
    readonly inPlace: ReadonlySet<string>,
    release: () => Promise<void>,
  ) {
    this.#release = release;
    this.#swapped = Object.keys(program.next).filter((name) => !inPlace.has(name));
  }

  async run(inputs: HostTensors, state?: DeviceState): Promise<HostTensors> {
    if (this.#disposed) throw new GraphError(`program "${this.program.name}" was disposed of`);
    checkRun(this.program, inputs, state);
    const own = ownState(state);
    own?.checkFiles();
    const fed: OrtTensor[] = [];
    const wrap = (tensor: HostTensor): OrtTensor => {
      const wrapped = createTensor(this.runtime, memoryOf(tensor));
      fed.push(wrapped);
      return wrapped;
    };
    const feeds = new Map<string, OrtTensor>();
    const fetches = new Map<string, OrtTensor>();
    const outputs = Object.entries(this.program.outputs).map(([name, node]) => [name, hostZeros(node)] as const);
    try {
      for (const name of Object.keys(this.program.inputs)) {
        feeds.set(onnxNames.input(name), wrap(present(inputs[name], `input "${name}"`)));
      }
      if (own !== undefined) {
        for (const name of Object.keys(this.program.states)) feeds.set(onnxNames.state(name), own.current(name));
        for (const name of this.inPlace) fetches.set(onnxNames.next(name), own.replaceable(name));
        for (const name of this.#swapped) fetches.set(onnxNames.next(name), own.spare(name));
      }
      for (const [name, tensor] of outputs) fetches.set(onnxNames.output(name), wrap(tensor));
      const running = this.session.run(feeds, fetches);
      own?.hold(running);
      this.#running.add(running);
      await running.finally(() => this.#running.delete(running));
    } catch (cause) {
      throw deviceFailure(`ort:${this.device}`, this.program, undefined, cause);
    } finally {
      for (const tensor of fed) tensor.release();
    }
    own?.swap(this.#swapped);
    return Object.fromEntries(outputs);
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    // Another thread is in the session until its runs have ended.
    await Promise.allSettled(this.#running);
    await this.#release();
  }
}

function ownState(state: DeviceState | undefined): HostState | undefined {
  if (state === undefined || state instanceof HostState) return state;
  throw new GraphError('the state belongs to another backend or device');
}
