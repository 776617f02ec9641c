// The contract of a backend: it compiles programs, keeps their state on its device, and runs them. It never
// differentiates and knows no model. Methods reject, they never throw at the call; whatever has been disposed of rejects,
// except that disposing twice is harmless. `@espalier/testing` holds the suite that every backend must pass.
import type { Program, TensorTypes } from '../graph/program.js';
import type { DType, Shape } from '../graph/tensor.js';
import type { StorageType, StoredTensor } from './stored-tensor.js';

/** How each element type lies in host memory (float16 as raw bits). */
export interface HostData {
  /** One number for each element. */
  readonly float32: Float32Array;
  /** IEEE 754 half-precision bits of each element. */
  readonly float16: Uint16Array;
  /** One number for each element. */
  readonly int32: Int32Array;
  /** 0 or 1 for each element. */
  readonly bool: Uint8Array;
}

/** A tensor in host memory, row-major. */
export type HostTensor<D extends DType = DType> = {
  readonly [Own in D]: {
    /** Element type. */
    readonly dtype: Own;
    /** Sizes of the axes, outermost first. */
    readonly shape: Shape;
    /** The elements, row-major. */
    readonly data: HostData[Own];
  };
}[D];
/** Tensors in host memory by name. */
export type HostTensors = Readonly<Record<string, HostTensor>>;

/** A place where programs run, e.g. `cpu`. */
export interface Device {
  /** What it is asked for by. */
  readonly name: string;
  /** For people: what it is. */
  readonly description: string;
  /** Bytes that programs and their state can take, where known. */
  readonly memory?: number;
  /** Why it cannot be used here, and how to change that; absent when it can. */
  readonly unavailable?: {
    /** A clause, e.g. `WebGPU finds no adapter`. */
    readonly reason: string;
    /** What a person can do about it. */
    readonly fix: string;
  };
  /** True where nothing was run on such a device by this project's own tests: its results may be wrong. */
  readonly unverified?: boolean;
}

/** Named tensors that stay on the device from run to run. */
export interface DeviceState {
  /** Shape and dtype of every tensor it holds. */
  readonly types: TensorTypes;
  /** Copies tensors to the host. Rejects with `GraphError` for a name it does not hold. */
  read(names: readonly string[]): Promise<HostTensors>;
  /** Overwrites tensors from the host, all or, for an unknown name or a wrong shape or dtype (`GraphError`), none of them. */
  write(values: HostTensors): Promise<void>;
  /** Frees its memory; a second call does nothing, every other method then rejects. */
  dispose(): Promise<void>;
}

/** A compiled program. Runs of executables that share a state must not overlap; runs without a state may. */
export interface Executable {
  /** What was compiled. */
  readonly program: Program;
  /**
   * One run: reads inputs and state, replaces the states named in `next`, gives the outputs (fresh memory, the caller's to
   * keep). Inputs and states the program does not name are ignored. Rejects with `GraphError` for an input or state that is missing
   * or of another type (`checkRun`): such a run has replaced nothing. One that fails midway (no memory, a lost device) may have
   * replaced some states: go on from what was saved.
   */
  run(inputs: HostTensors, state?: DeviceState): Promise<HostTensors>;
  /** Frees what was compiled once nobody else uses it; a second call does nothing, runs then reject. */
  dispose(): Promise<void>;
}

/** Compiles programs for its devices, keeps their state there, and runs them. */
export interface Backend {
  /** What recipes and flags call it by, e.g. `ort`. */
  readonly name: string;
  /** Versions of the libraries that compute, by package name, for the record of a run; they need not be loaded for it. */
  versions?(): Readonly<Record<string, string>>;
  /** Threads that a program keeps busy, where it runs on the processor and their number is known. */
  readonly threads?: number;
  /** Every device the backend knows of, also those that cannot be used here. */
  devices(): Promise<readonly Device[]>;
  /** Whether state can be left in the files that it is stored in (`stored` below): on such a device, no program need be given it otherwise. */
  readsFiles?(device?: string): boolean;
  /**
   * Zero-filled state on a device (the first usable one when not given). Those of `stored`, float32 each, are the values of a
   * file, which stay there: they can neither be read back nor written, nor replaced by a run, and the file must stay as it is until the
   * state is disposed of. Rejects with `InputError` for a device that is not there (`chooseDevice`) and for a file that is shorter
   * than what it should hold.
   */
  createState(types: TensorTypes, device?: string, stored?: ReadonlyMap<string, StoredTensor>): Promise<DeviceState>;
  /**
   * Compiles for a device (the first usable of `devices()` when not given); equal programs are compiled once. Rejects with
   * `InputError` for a device that is not there; a backend that knows what memory a program needs also rejects one that does
   * not fit. `stored` names the states that lie in files, with their storage types: the program runs on a state of which this is true.
   */
  compile(program: Program, device?: string, stored?: ReadonlyMap<string, StorageType>): Promise<Executable>;
}
