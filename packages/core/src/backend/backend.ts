// The contract of a backend: it compiles programs, keeps their state on its device, and runs them. It never
// differentiates and knows no model. Methods reject, they never throw at the call; whatever has been disposed of rejects,
// except that disposing twice is harmless. `@espalier/core/testing` holds the suite that every backend must pass.
import type { Program, TensorTypes } from '../graph/program.js';
import type { DType, Shape } from '../graph/tensor.js';

/** How each element type lies in host memory (float16 as raw bits). */
export interface HostData {
  readonly float32: Float32Array;
  readonly float16: Uint16Array;
  readonly int32: Int32Array;
  readonly bool: Uint8Array;
}

/** A tensor in host memory, row-major. */
export type HostTensor<D extends DType = DType> = {
  readonly [Own in D]: { readonly dtype: Own; readonly shape: Shape; readonly data: HostData[Own] };
}[D];
export type HostTensors = Readonly<Record<string, HostTensor>>;

/** A place where programs run, e.g. `cpu`. */
export interface Device {
  readonly name: string;
  /** For people: what it is. */
  readonly description: string;
  /** Bytes that programs and their state can take, where known. */
  readonly memory?: number;
  /** Why it cannot be used here, and how to change that; absent when it can. */
  readonly unavailable?: { readonly reason: string; readonly fix: string };
  /** True where nothing was run on such a device by this project's own tests: its results may be wrong. */
  readonly unverified?: boolean;
}

/** Named tensors that stay on the device from run to run. */
export interface DeviceState {
  readonly types: TensorTypes;
  /** Copies tensors to the host. Throws for a name it does not hold. */
  read(names: readonly string[]): Promise<HostTensors>;
  /** Overwrites tensors from the host, all or, for an unknown name or a wrong shape or dtype, none of them. */
  write(values: HostTensors): Promise<void>;
  dispose(): Promise<void>;
}

/** A compiled program. Runs of executables that share a state must not overlap; runs without a state may. */
export interface Executable {
  readonly program: Program;
  /**
   * One run: reads inputs and state, replaces the states named in `next`, gives the outputs (fresh memory, the caller's to
   * keep). Inputs and states the program does not name are ignored. A run that rejects has replaced nothing.
   */
  run(inputs: HostTensors, state?: DeviceState): Promise<HostTensors>;
  dispose(): Promise<void>;
}

export interface Backend {
  readonly name: string;
  /** Every device the backend knows of, also those that cannot be used here. */
  devices(): Promise<readonly Device[]>;
  /** Zero-filled state on a device. Rejects for a device that is not there (`chooseDevice`). */
  createState(types: TensorTypes, device?: string): Promise<DeviceState>;
  /** Compiles for a device (the first usable of `devices()` when not given); equal programs are compiled once. */
  compile(program: Program, device?: string): Promise<Executable>;
}
