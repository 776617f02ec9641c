// ONNX Runtime as a backend: a program becomes one ONNX model and one session, cached by the program's hash.
import { availableParallelism } from 'node:os';
import {
  checkRun,
  chooseDevice,
  onnxNames,
  programHash,
  programToOnnx,
  type Backend,
  type DeviceState,
  type Executable,
  type HostTensors,
  type Program,
} from '@espalier/core';
import type * as ort from 'onnxruntime-node';
import { cpuTarget } from './composites.js';
import { runInto, SEQUENCE_OUTPUT } from './run-into.js';
import { CpuState } from './state.js';
import { fromOrt, toOrt, zeroOrt } from './tensors.js';

/** How sessions are made. */
export interface OrtOptions {
  /** The device where none is named. */
  readonly device?: string;
  /** Threads inside one operator; all cores when not given. Results are bit-identical only for equal thread counts. */
  readonly threads?: number;
  /** Writes a Chrome trace of every kernel under this path prefix when the executable is disposed. */
  readonly profile?: string;
}

interface CachedSession {
  readonly session: Promise<ort.InferenceSession>;
  users: number;
}

/** The default backend. ONNX Runtime itself is loaded at the first use. */
export function ortBackend(options: OrtOptions = {}): Backend {
  const sessions = new Map<string, CachedSession>();
  const threads = options.threads ?? availableParallelism();

  async function createSession(program: Program): Promise<ort.InferenceSession> {
    const { InferenceSession } = await import('onnxruntime-node');
    return InferenceSession.create(programToOnnx(program, { ...cpuTarget, sequenceOutput: SEQUENCE_OUTPUT }), {
      executionProviders: ['cpu'],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      logSeverityLevel: 4, // failures are thrown; nothing is printed
      // Adam's moments decay into denormals, which slow the CPU down many times.
      extra: { session: { set_denormal_as_zero: '1' } },
      ...(options.profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: options.profile }),
    });
  }

  const devices = [{ name: 'cpu', description: `ONNX Runtime CPU provider, ${threads} threads` }];

  return {
    name: 'ort',
    devices: async () => Promise.resolve(devices),
    async createState(types, device = options.device) {
      chooseDevice('ort', devices, device);
      return new CpuState(await import('onnxruntime-node'), types);
    },
    async compile(program, device = options.device) {
      chooseDevice('ort', devices, device);
      const key = programHash(program);
      const cached = sessions.get(key) ?? { session: createSession(program), users: 0 };
      cached.users++;
      sessions.set(key, cached);
      const runtime = await import('onnxruntime-node');
      const session = await cached.session.catch((error: unknown) => {
        if (sessions.get(key) === cached) sessions.delete(key); // the next attempt starts anew
        throw error;
      });
      return new OrtExecutable(program, runtime, session, async () => {
        cached.users--;
        if (cached.users > 0) return;
        sessions.delete(key);
        if (options.profile !== undefined) session.endProfiling();
        await session.release();
      });
    },
  };
}

class OrtExecutable implements Executable {
  readonly #session: ort.InferenceSession;
  readonly #release: () => Promise<void>;
  readonly #nextNames: readonly string[];
  #disposed = false;

  constructor(
    readonly program: Program,
    readonly runtime: typeof ort,
    session: ort.InferenceSession,
    release: () => Promise<void>,
  ) {
    this.#session = session;
    this.#release = release;
    this.#nextNames = Object.keys(program.next);
  }

  async run(inputs: HostTensors, state?: DeviceState): Promise<HostTensors> {
    if (this.#disposed) throw new Error(`program "${this.program.name}" was disposed`);
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
    await runInto(this.#session, feeds, fetches);
    own?.swap(this.#nextNames);
    return Object.fromEntries(outputs.map(({ name, node, tensor }) => [name, fromOrt(node, tensor)]));
  }

  #ownState(state: DeviceState | undefined): CpuState | undefined {
    if (state === undefined || state instanceof CpuState) return state;
    throw new Error('the state belongs to another backend');
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    await this.#release();
  }
}
