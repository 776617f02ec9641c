// A session of ONNX Runtime: a model compiled for a provider, and its runs into memory that the caller owns.
import koffi from 'koffi';
import { addressOf, type OrtLibrary } from './library.js';
import type { RunThread } from './run-thread.js';
import type { OrtTensor } from './tensors.js';

/** The library with what every session and tensor of a process needs of it. */
export interface OrtHost {
  readonly library: OrtLibrary;
  /** `OrtEnv`. */
  readonly env: bigint;
  /** `OrtMemoryInfo` of host memory. */
  readonly memoryInfo: bigint;
  /** The thread that makes and runs sessions. */
  readonly thread: RunThread;
}

/** How a session is made. */
export interface SessionOptions {
  /** Threads inside one operator. */
  readonly threads: number;
  /** The library's name of a provider that goes before the CPU's, e.g. `CoreML`. */
  readonly provider?: string;
  /** Entries of the library's own configuration. */
  readonly entries: Readonly<Record<string, string>>;
  /** Path prefix of a trace of every kernel, written when the session is released. */
  readonly profile?: string;
}

/** A compiled model. Runs must not overlap with its release. */
export interface OrtSession {
  /** One run: reads `inputs`, writes `outputs`, both by the model's names. Rejects with the library's own words. */
  run(inputs: ReadonlyMap<string, OrtTensor>, outputs: ReadonlyMap<string, OrtTensor>): Promise<void>;
  /** Frees it. */
  release(): void;
}

/** Starts the library for this process. */
export function startHost(library: OrtLibrary, thread: RunThread): OrtHost {
  const FATAL = 4; // failures are thrown; nothing is printed
  const env = library.create('CreateEnv', FATAL, 'espalier');
  const ARENA = 1;
  const DEFAULT = 0;
  return { library, env, memoryInfo: library.create('CreateCpuMemoryInfo', ARENA, DEFAULT), thread };
}

/** Compiles a model (protobuf bytes). Rejects with the library's own words. */
export async function createSession(host: OrtHost, model: Uint8Array, options: SessionOptions): Promise<OrtSession> {
  const { library, env, thread } = host;
  const settings = sessionOptions(library, options);
  const place = new BigUint64Array(1);
  try {
    const args = [env, addressOf(model), BigInt(model.length), settings, addressOf(place)];
    const address = library.address('CreateSessionFromArray');
    library.check(await thread.call('CreateSessionFromArray', address, args, [model, place]));
  } finally {
    library.release('ReleaseSessionOptions', settings);
  }
  const [session = 0n] = place;
  const runOptions = library.create('CreateRunOptions');
  const names = new Map<string, Uint8Array>();
  /** Addresses of names, and of tensors, as the library reads them. */
  const table = (tensors: ReadonlyMap<string, OrtTensor>): readonly [BigUint64Array, BigUint64Array] => [
    BigUint64Array.from([...tensors.keys()], (name) => {
      const bytes = names.get(name) ?? terminated(name);
      names.set(name, bytes);
      return addressOf(bytes);
    }),
    BigUint64Array.from([...tensors.values()], ({ value }) => value),
  ];
  return {
    async run(inputs, outputs) {
      const [inputNames, inputValues] = table(inputs);
      const [outputNames, outputValues] = table(outputs);
      const args = [
        session,
        runOptions,
        addressOf(inputNames),
        addressOf(inputValues),
        BigInt(inputs.size),
        addressOf(outputNames),
        BigInt(outputs.size),
        addressOf(outputValues),
      ];
      const memory = [names, inputNames, inputValues, inputs, outputNames, outputValues, outputs];
      library.check(await thread.call('Run', library.address('Run'), args, memory));
    },
    release() {
      if (options.profile !== undefined) endProfiling(library, session);
      library.release('ReleaseRunOptions', runOptions);
      library.release('ReleaseSession', session);
    },
  };
}

function sessionOptions(library: OrtLibrary, options: SessionOptions): bigint {
  const settings = library.create('CreateSessionOptions');
  try {
    library.call('SetIntraOpNumThreads', settings, options.threads);
    library.call('SetInterOpNumThreads', settings, 1);
    // Programs come simplified and fused: on them the library finds nothing more, and looks for it for seconds.
    library.call('SetSessionGraphOptimizationLevel', settings, 0);
    // With a pattern, each run's memory is one piece of which much is never used at once: half as much again and more.
    library.call('DisableMemPattern', settings);
    library.call('SetSessionLogSeverityLevel', settings, 4);
    for (const [key, value] of Object.entries(options.entries)) {
      library.call('AddSessionConfigEntry', settings, key, value);
    }
    if (options.profile !== undefined) library.call('EnableProfiling', settings, systemPath(options.profile));
    if (options.provider !== undefined) appendProvider(library, settings, options.provider);
    return settings;
  } catch (error) {
    library.release('ReleaseSessionOptions', settings);
    throw error;
  }
}

function appendProvider(library: OrtLibrary, settings: bigint, provider: string): void {
  if (provider !== 'CUDA') {
    library.call('SessionOptionsAppendExecutionProvider', settings, provider, null, null, 0);
    return;
  }
  const cuda = library.create('CreateCUDAProviderOptions');
  try {
    library.call('SessionOptionsAppendExecutionProvider_CUDA_V2', settings, cuda);
  } finally {
    library.release('ReleaseCUDAProviderOptions', cuda);
  }
}

function endProfiling(library: OrtLibrary, session: bigint): void {
  const allocator = library.create('GetAllocatorWithDefaultOptions');
  library.call('AllocatorFree', allocator, library.create('SessionEndProfiling', session, allocator));
}

/** The providers that the library was built with, by the names that `SessionOptionsAppendExecutionProvider` takes. */
export function availableProviders(library: OrtLibrary): readonly string[] {
  const pointer = new BigUint64Array(1);
  const count = new Int32Array(1);
  library.call('GetAvailableProviders', pointer, count);
  const [list = 0n] = pointer;
  const [length = 0] = count;
  const decoded: unknown = koffi.decode(list, koffi.array('const char *', length));
  library.call('ReleaseAvailableProviders', list, length);
  const names = Array.isArray(decoded) ? decoded : [];
  return names.map((name) => String(name).replace(/ExecutionProvider$/, ''));
}

function terminated(text: string): Uint8Array {
  return Buffer.from(`${text}\0`, 'utf8');
}

/** A path as the library takes it: UTF-16 on Windows, else bytes. */
function systemPath(text: string): Uint8Array {
  return process.platform === 'win32' ? Buffer.from(`${text}\0`, 'utf16le') : terminated(text);
}
