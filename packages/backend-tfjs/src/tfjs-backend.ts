// TensorFlow.js as a backend: a program becomes a schedule of kernels. TensorFlow.js itself is loaded at the first use.
import { createRequire } from 'node:module';
import { InternalError, strategy } from '@espalier/core';
import { checkMemory, chooseDevice, type Backend, type Device } from '@espalier/core/graph';
import { z } from 'zod';
import { deviceKinds, type DeviceKind, type Probe } from './device-kinds.js';
import type { Engine } from './engine.js';

const options = z.strictObject({
  device: z.string().exactOptional().describe('the device where none is named; the first usable one when not given'),
});

/** How the backend is made. */
export type TfjsOptions = Readonly<z.output<typeof options>>;

interface Known {
  readonly kind: DeviceKind;
  readonly probe: Probe;
  readonly device: Device;
}

/**
 * TensorFlow.js, loaded at the first use; a program becomes a schedule of kernels. Compiling rejects with `InputError` for a
 * device that cannot be used and for a program that needs more memory than the device has.
 */
export const tfjsBackend = strategy('backend', {
  name: 'tfjs',
  summary: 'TensorFlow.js: wasm, webgpu, node, node-gpu, cpu',
  options,
  create: startTfjs,
});

function startTfjs(options: TfjsOptions): Omit<Backend, 'name'> {
  let known: Promise<readonly Known[]> | undefined;
  const engines = new Map<string, Promise<Engine>>();

  const all = (): Promise<readonly Known[]> => (known ??= Promise.all(deviceKinds.map(look)));

  async function choose(name = options.device): Promise<{ readonly engine: Engine; readonly found: Known }> {
    const devices = await all();
    const device = chooseDevice(
      'tfjs',
      devices.map((own) => own.device),
      name,
    );
    const found = devices.find((own) => own.device === device);
    if (found === undefined) throw new InternalError(`device "${device.name}" is not known`);
    const engine = engines.get(device.name) ?? start(found.kind);
    engines.set(device.name, engine);
    return { engine: await engine, found };
  }

  return {
    versions: () => ({ '@tensorflow/tfjs-core': runtimeVersion() }),
    devices: async () => (await all()).map(({ device }) => device),
    async createState(types, device) {
      const { engine } = await choose(device);
      const { TfjsState } = await import('./state.js');
      return TfjsState.create(types, engine);
    },
    async compile(program, device) {
      const { engine, found } = await choose(device);
      const [{ schedule }, { TfjsExecutable }] = await Promise.all([
        import('./schedule.js'),
        import('./executable.js'),
      ]);
      const planned = schedule(program);
      checkMemory(`tfjs:${found.kind.name}`, program, planned, found.probe);
      return new TfjsExecutable(program, planned, engine);
    },
  };
}

/** The library's version, read without loading it. */
function runtimeVersion(): string {
  const manifest: unknown = createRequire(import.meta.url)('@tensorflow/tfjs-core/package.json');
  return z.object({ version: z.string() }).parse(manifest).version;
}

async function look(kind: DeviceKind): Promise<Known> {
  const probe = await kind.probe();
  const { name, description, unverified } = kind;
  const { memory, unavailable } = probe;
  const device: Device = {
    name,
    description,
    ...(memory === undefined ? {} : { memory }),
    ...(unavailable === undefined ? {} : { unavailable }),
    ...(unverified === undefined ? {} : { unverified }),
  };
  return { kind, probe, device };
}

async function start(kind: DeviceKind): Promise<Engine> {
  const { startEngine } = await import('./engine.js');
  return startEngine(kind);
}
