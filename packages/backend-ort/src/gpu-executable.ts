// One program on a GPU: inputs go in from main memory, outputs come back there, and state never leaves the GPU.
import {
  checkRun,
  deviceFailure,
  GraphError,
  onnxNames,
  type DeviceState,
  type Executable,
  type HostTensor,
  type HostTensors,
  type Program,
} from '@espalier/core/graph';
import type { ort } from './runtime.js';
import { GpuState } from './gpu-state.js';
import { fromOrt, toOrt } from './node-tensors.js';

/** Where a GPU session's results are put. */
export function outputLocations(program: Program): Readonly<Record<string, 'cpu' | 'gpu-buffer'>> {
  return Object.fromEntries([
    ...Object.keys(program.outputs).map((name) => [onnxNames.output(name), 'cpu'] as const),
    ...Object.keys(program.next).map((name) => [onnxNames.next(name), 'gpu-buffer'] as const),
  ]);
}

export class GpuExecutable implements Executable {
  readonly #release: () => Promise<void>;
  #disposed = false;

  constructor(
    readonly program: Program,
    readonly device: string,
    readonly runtime: typeof ort,
    readonly session: ort.InferenceSession,
    release: () => Promise<void>,
  ) {
    this.#release = release;
  }

  async run(inputs: HostTensors, state?: DeviceState): Promise<HostTensors> {
    if (this.#disposed) throw new GraphError(`program "${this.program.name}" was disposed of`);
    checkRun(this.program, inputs, state);
    if (state !== undefined && !(state instanceof GpuState)) {
      throw new GraphError('the state belongs to another backend or device');
    }
    const found = await this.session.run(this.#feeds(inputs, state)).catch((cause: unknown) => {
      throw deviceFailure(`ort:${this.device}`, this.program, undefined, cause);
    });
    const result = (name: string): ort.Tensor => {
      const tensor = found[name];
      if (tensor === undefined) throw new GraphError(`internal: there is no result "${name}"`);
      return tensor;
    };
    const outputs = Object.entries(this.program.outputs).map(([name, node]): [string, HostTensor] => {
      return [name, fromOrt(node, result(onnxNames.output(name)))];
    });
    state?.replace(Object.keys(this.program.next).map((name) => [name, result(onnxNames.next(name))] as const));
    return Object.fromEntries(outputs);
  }

  #feeds(inputs: HostTensors, state: GpuState | undefined): Record<string, ort.Tensor> {
    const read = new Set(this.session.inputNames);
    const feeds: Record<string, ort.Tensor> = {};
    for (const name of Object.keys(this.program.inputs)) {
      const tensor = inputs[name];
      if (tensor !== undefined && read.has(onnxNames.input(name)))
        feeds[onnxNames.input(name)] = toOrt(this.runtime, tensor);
    }
    for (const name of Object.keys(this.program.states)) {
      if (state !== undefined && read.has(onnxNames.state(name))) feeds[onnxNames.state(name)] = state.current(name);
    }
    return feeds;
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    await this.#release();
  }
}
