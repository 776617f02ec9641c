// ONNX Runtime as a backend: a program becomes one ONNX model and one session for its device, cached by the program's hash.
import { availableParallelism } from 'node:os';
import {
  chooseDevice,
  fastestDevice,
  programHash,
  pathOption,
  programToOnnx,
  strategy,
  type Backend,
  type Device,
  type Program,
} from '@espalier/core';
import { z } from 'zod';
import { HostExecutable } from './executable.js';
import { GpuExecutable, outputLocations } from './gpu-executable.js';
import { GpuState, GpuTransfers } from './gpu-state.js';
import { listProviders, type Provider } from './providers.js';
import { SEQUENCE_OUTPUT } from './run-into.js';
import { loadRuntime, runtimeVersions, type ort } from './runtime.js';
import { CpuState } from './state.js';

const options = z.strictObject({
  device: z
    .string()
    .exactOptional()
    .describe(
      "the device where none is named: a provider's name, or `auto` for the fastest that passes a self-test; `cpu` when not given",
    ),
  threads: z
    .int()
    .positive()
    .exactOptional()
    .describe(
      'threads inside one operator; all cores when not given; results are bit-identical only for equal thread counts',
    ),
  profile: pathOption()
    .exactOptional()
    .describe('writes a Chrome trace of every kernel under this path prefix when the executable is disposed'),
});

/** How sessions are made. */
export type OrtOptions = Readonly<z.output<typeof options>>;

/** Entries of ONNX Runtime's own session configuration. */
const sessionEntries = {
  // Adam's moments decay into denormals, which slow the CPU down many times.
  set_denormal_as_zero: '1',
  // A thread that waits for the next op soon sleeps, and a thread that is late finds its share of an op done by others:
  // other work on the machine slows a run down by what it takes, and not many times (docs/measured.md, Load).
  'intra_op.spin_duration_us': '20',
  dynamic_block_base: '4',
};

interface CachedSession {
  readonly session: Promise<ort.InferenceSession>;
  users: number;
}

interface Runtime {
  readonly ort: typeof ort;
  readonly providers: readonly Provider[];
  readonly transfers: GpuTransfers;
}

/**
 * ONNX Runtime, the default backend, loaded at the first use; a program becomes one session for its device, which equal
 * programs share. Compiling rejects with `InputError` for a device that cannot be used.
 */
export const ortBackend = strategy('backend', {
  name: 'ort',
  summary: 'ONNX Runtime, a whole program as one graph: cpu, webgpu, cuda (unverified), auto',
  options,
  create: startOrt,
});

function startOrt(options: OrtOptions): Backend {
  const sessions = new Map<string, CachedSession>();
  const threads = options.threads ?? availableParallelism();
  let loaded: Promise<Runtime> | undefined;
  let fastest: Promise<Device> | undefined;

  const load = (): Promise<Runtime> =>
    (loaded ??= loadRuntime().then((runtime) => {
      return { ort: runtime, providers: listProviders(runtime, threads), transfers: new GpuTransfers(runtime) };
    }));

  /** The provider of that name; only that one is looked for on the machine while it is there. */
  async function choose(name = options.device ?? 'cpu'): Promise<Runtime & { readonly provider: Provider }> {
    const runtime = await load();
    const wanted = name === 'auto' ? (await (fastest ??= fastestDevice(backend))).name : name;
    const unavailable = await runtime.providers.find((own) => own.name === wanted)?.probe();
    // The others are looked for only when the error has to say what can be used instead.
    const devices: readonly Device[] =
      unavailable === undefined ? runtime.providers : await Promise.all(runtime.providers.map(deviceOf));
    const device = chooseDevice('ort', devices, wanted);
    const provider = runtime.providers.find((own) => own.name === device.name);
    if (provider === undefined) throw new RangeError(`internal: provider "${device.name}" is not known`);
    return { ...runtime, provider };
  }

  async function createSession(
    runtime: typeof ort,
    provider: Provider,
    program: Program,
  ): Promise<ort.InferenceSession> {
    const inMemory = provider.state === 'host';
    const target = inMemory ? { ...provider.target, sequenceOutput: SEQUENCE_OUTPUT } : provider.target;
    return runtime.InferenceSession.create(programToOnnx(program, target), {
      executionProviders: [provider.name],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      logSeverityLevel: 4, // failures are thrown; nothing is printed
      extra: { session: sessionEntries },
      ...(inMemory ? {} : { preferredOutputLocation: outputLocations(program) }),
      ...(options.profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: options.profile }),
    });
  }

  const backend: Backend = {
    name: 'ort',
    versions: runtimeVersions,
    ...((options.device ?? 'cpu') === 'cpu' && { threads }),
    devices: async () => Promise.all((await load()).providers.map(deviceOf)),
    async createState(types, device) {
      const { ort: runtime, provider, transfers } = await choose(device);
      return provider.state === 'gpu' ? GpuState.create(transfers, types) : new CpuState(runtime, types);
    },
    async compile(program, device) {
      const { ort: runtime, provider } = await choose(device);
      const key = `${provider.name} ${programHash(program)}`;
      const cached = sessions.get(key) ?? { session: createSession(runtime, provider, program), users: 0 };
      cached.users++;
      sessions.set(key, cached);
      const session = await cached.session.catch((error: unknown) => {
        if (sessions.get(key) === cached) sessions.delete(key); // the next attempt starts anew
        throw error;
      });
      const release = async (): Promise<void> => {
        cached.users--;
        if (cached.users > 0) return;
        sessions.delete(key);
        if (options.profile !== undefined) session.endProfiling();
        await session.release();
      };
      const Kind = provider.state === 'gpu' ? GpuExecutable : HostExecutable;
      return new Kind(program, provider.name, runtime, session, release);
    },
  };
  return backend;
}

async function deviceOf({ name, description, memory, unverified, probe }: Provider): Promise<Device> {
  const unavailable = await probe();
  return {
    name,
    description,
    ...(memory === undefined ? {} : { memory }),
    ...(unverified === undefined ? {} : { unverified }),
    ...(unavailable === undefined ? {} : { unavailable }),
  };
}
