// One program with its state in main memory: results are written into buffers that the caller owns, and nothing is copied.
import {
  checkRun,
  deviceFailure,
  GraphError,
  onnxNames,
  type DeviceState,
  type Executable,
  type HostTensors,
  type Program,
} from '@espalier/core';
import type { ort } from './runtime.js';
import { runInto } from './run-into.js';
import { CpuState } from './state.js';
import { fromOrt, toOrt, zeroOrt } from './tensors.js';

export class HostExecutable implements Executable {
  readonly #session: ort.InferenceSession;
  readonly #release: () => Promise<void>;
  readonly #nextNames: readonly string[];
  #disposed = false;

  constructor(
    readonly program: Program,
    readonly device: string,
    readonly runtime: typeof ort,
    session: ort.InferenceSession,
    release: () => Promise<void>,
  ) {
    this.#session = session;
    this.#release = release;
    this.#nextNames = Object.keys(program.next);
  }

  async run(inputs: HostTensors, state?: DeviceState): Promise<HostTensors> {
    if (this.#disposed) throw new GraphError(`program "${this.program.name}" was disposed of`);
    checkRun(this.program, inputs, state);
    const own = this.#ownState(state);
    const feeds: Record<string, ort.Tensor> = {};
    const fetches: Record<string, ort.Tensor> = {};
    for (const name of Object.keys(this.program.inputs)) {
      const tensor = inputs[name];
      if (tensor !== undefined) feeds[onnxNames.input(name)] = toOrt(this.runtime, tensor);
    }
    if (own !== undefined) {
      const read = new Set(this.#session.inputNames);
      for (const name of Object.keys(this.program.states)) {
        if (read.has(onnxNames.state(name))) feeds[onnxNames.state(name)] = own.current(name);
      }
      for (const name of this.#nextNames) fetches[onnxNames.next(name)] = own.spare(name);
    }
    const outputs = Object.entries(this.program.outputs).map(([name, node]) => {
      const tensor = zeroOrt(this.runtime, node);
      fetches[onnxNames.output(name)] = tensor;
      return { name, node, tensor };
    });
    await runInto(this.#session, feeds, fetches).catch((cause: unknown) => {
      throw deviceFailure(`ort:${this.device}`, this.program, undefined, cause);
    });
    own?.swap(this.#nextNames);
    return Object.fromEntries(outputs.map(({ name, node, tensor }) => [name, fromOrt(node, tensor)]));
  }

  #ownState(state: DeviceState | undefined): CpuState | undefined {
    if (state === undefined || state instanceof CpuState) return state;
    throw new GraphError('the state belongs to another backend or device');
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    await this.#release();
  }
}
