// ONNX Runtime as a backend: a program becomes one ONNX model and one session for its device, cached by the program's hash.
import { availableParallelism } from 'node:os';
import { pathOption, present, strategy } from '@espalier/core';
import {
  chooseDevice,
  fastestDevice,
  programHash,
  programToOnnx,
  statesInPlace,
  type Backend,
  type Device,
  type Executable,
  type Program,
  type StorageType,
} from '@espalier/core/graph';
import { z } from 'zod';
import { HostExecutable } from './executable.js';
import { GpuExecutable, outputLocations } from './gpu-executable.js';
import { GpuState, GpuTransfers } from './gpu-state.js';
import { canMap } from './c-api/mapped-file.js';
import { createSession, type OrtHost, type OrtSession } from './c-api/session.js';
import { listProviders, type Provider } from './providers.js';
import { loadLibrary, loadRuntime, runtimeVersions, type ort } from './runtime.js';
import { HostState } from './state.js';

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
  'session.set_denormal_as_zero': '1',
  // A thread that waits for the next op soon sleeps, and a thread that is late finds its share of an op done by others:
  // other work on the machine slows a run down by what it takes, and not many times (docs/measured.md, Load).
  'session.intra_op.spin_duration_us': '20',
  'session.dynamic_block_base': '4',
};

interface CachedExecutable {
  readonly session: Promise<Compiled>;
  users: number;
}

/** A session and what makes an executable over it. */
interface Compiled {
  executable(program: Program, release: () => Promise<void>): Executable;
  release(): Promise<void>;
}

interface Runtime {
  readonly host: OrtHost;
  readonly providers: readonly Provider[];
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
  const sessions = new Map<string, CachedExecutable>();
  const threads = options.threads ?? availableParallelism();
  let loaded: Runtime | undefined;
  let binding: Promise<GpuTransfers> | undefined;
  let fastest: Promise<Device> | undefined;

  const load = (): Runtime => {
    if (loaded !== undefined) return loaded;
    const host = loadLibrary();
    return (loaded = { host, providers: listProviders(host, threads) });
  };
  const loadBinding = (): Promise<GpuTransfers> =>
    (binding ??= loadRuntime().then((runtime) => new GpuTransfers(runtime)));

  /** The provider of that name; only that one is looked for on the machine while it is there. */
  async function choose(name = options.device ?? 'cpu'): Promise<Runtime & { readonly provider: Provider }> {
    const runtime = load();
    const wanted = name === 'auto' ? (await (fastest ??= fastestDevice(backend))).name : name;
    const unavailable = await runtime.providers.find((own) => own.name === wanted)?.probe();
    // Of the others the error names the CPU, which is always there: looking for a GPU has drivers print to the terminal.
    const devices: readonly Device[] =
      unavailable === undefined
        ? runtime.providers
        : runtime.providers.flatMap((own) =>
            own.name === wanted ? [{ ...own, unavailable }] : own.name === 'cpu' ? [own] : [],
          );
    const device = chooseDevice('ort', devices, wanted);
    const provider = present(
      runtime.providers.find((own) => own.name === device.name),
      `provider "${device.name}"`,
    );
    return { ...runtime, provider };
  }

  async function createHostSession(
    host: OrtHost,
    provider: Provider,
    program: Program,
    stored: ReadonlyMap<string, StorageType>,
  ): Promise<Compiled> {
    const creating = createSession(host, programToOnnx(program, provider.target, stored), {
      threads,
      entries: sessionEntries,
      ...(provider.appended === undefined ? {} : { provider: provider.appended }),
      ...(options.profile === undefined ? {} : { profile: options.profile }),
    });
    // Meanwhile: the session is made in a thread of its own.
    const finding = Promise.resolve().then(() =>
      statesInPlace(program, (node) => {
        return provider.target.composites?.get(node.attributes.definition)?.accepts(node) === true;
      }),
    );
    const [session, inPlace]: [OrtSession, ReadonlySet<string>] = await Promise.all([creating, finding]);
    return {
      executable: (own, release) => new HostExecutable(own, provider.name, host, session, inPlace, release),
      release: () => Promise.resolve(session.release()),
    };
  }

  async function createGpuSession(provider: Provider, program: Program): Promise<Compiled> {
    const { runtime } = await loadBinding();
    const session: ort.InferenceSession = await runtime.InferenceSession.create(
      programToOnnx(program, provider.target),
      {
        executionProviders: [provider.name],
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        executionMode: 'sequential',
        logSeverityLevel: 4, // failures are thrown; nothing is printed
        preferredOutputLocation: outputLocations(program),
        ...(options.profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: options.profile }),
      },
    );
    return {
      executable: (own, release) => new GpuExecutable(own, provider.name, runtime, session, release),
      async release() {
        if (options.profile !== undefined) session.endProfiling();
        await session.release();
      },
    };
  }

  const backend: Backend = {
    name: 'ort',
    versions: () => runtimeVersions(),
    ...((options.device ?? 'cpu') === 'cpu' && { threads }),
    devices: async () => Promise.all(load().providers.map(deviceOf)),
    readsFiles: (device = options.device ?? 'cpu') => canMap && device === 'cpu',
    async createState(types, device, stored) {
      const { host, provider } = await choose(device);
      return provider.state === 'gpu'
        ? GpuState.create(await loadBinding(), types)
        : new HostState(host, types, stored);
    },
    async compile(program, device, stored = new Map()) {
      const { host, provider } = await choose(device);
      const own = Object.keys(program.states).flatMap((name) => {
        const type = stored.get(name);
        return type === undefined ? [] : [[name, type] as const];
      });
      const key = `${provider.name} ${programHash(program)} ${JSON.stringify(own)}`;
      const create = (): Promise<Compiled> =>
        provider.state === 'gpu'
          ? createGpuSession(provider, program)
          : createHostSession(host, provider, program, new Map(own));
      const cached = sessions.get(key) ?? { session: create(), users: 0 };
      cached.users++;
      sessions.set(key, cached);
      const compiled = await cached.session.catch((error: unknown) => {
        if (sessions.get(key) === cached) sessions.delete(key); // the next attempt starts anew
        throw error;
      });
      return compiled.executable(program, async () => {
        cached.users--;
        if (cached.users > 0) return;
        sessions.delete(key);
        await compiled.release();
      });
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
