// The devices of this backend: how each is found without loading it, and how it is loaded into TensorFlow.js.
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { totalmem } from 'node:os';
import path from 'node:path';
import type { Device } from '@espalier/core/graph';
import { loadAddon } from './native-addon.js';
import type { Runtime } from './workarounds.js';

/** What is found of a device before it is used. */
export interface Probe {
  readonly memory?: number;
  /** Largest single value, in bytes, where there is a limit. */
  readonly largestValue?: number;
  readonly unavailable?: Device['unavailable'];
}

/** A device this backend knows of. */
export interface DeviceKind {
  readonly name: string;
  readonly description: string;
  readonly runtime: Runtime;
  readonly unverified?: boolean;
  /** Looks whether it is there. */
  probe(): Promise<Probe>;
  /** Registers it with TensorFlow.js. */
  load(): Promise<unknown>;
}

const require = createRequire(import.meta.url);

/** The heap of tfjs-backend-wasm 4.22 grows up to this. */
const WASM_HEAP = 4294901760;

/** Main memory, or what a container is allowed of it. */
function mainMemory(): number {
  const allowed = process.constrainedMemory() || Infinity;
  return Math.min(totalmem(), allowed);
}

const here = (probe: Probe) => (): Promise<Probe> => Promise.resolve(probe);

const wasm: DeviceKind = {
  name: 'wasm',
  description: 'WebAssembly with SIMD, one thread',
  runtime: 'wasm',
  probe: here({ memory: Math.min(WASM_HEAP, mainMemory()) }),
  load: () => import('@tensorflow/tfjs-backend-wasm'),
};

const cpu: DeviceKind = {
  name: 'cpu',
  description: 'JavaScript loops, one thread; slow',
  runtime: 'cpu',
  probe: here({ memory: mainMemory() }),
  load: () => import('@tensorflow/tfjs-backend-cpu'),
};

const webgpu: DeviceKind = {
  name: 'webgpu',
  description: 'the GPU through WebGPU (Dawn)',
  runtime: 'webgpu',
  async probe() {
    if (!isInstalled('webgpu')) return notInstalled('webgpu', '0.6.2');
    const adapter = await (await dawn()).requestAdapter();
    if (adapter === null) {
      const fix =
        'Install a Vulkan, Metal or Direct3D 12 driver; without a GPU, SwiftShader (see CONTRIBUTING.md) checks results';
      return { unavailable: { reason: 'WebGPU finds no adapter', fix } };
    }
    return { largestValue: adapter.limits.maxStorageBufferBindingSize };
  },
  async load() {
    await dawn();
    await import('@tensorflow/tfjs-backend-webgpu');
    const { env } = await import('@tensorflow/tfjs-core');
    env().set('WEBGPU_CPU_FORWARD', false); // small values too are computed where they were asked to be
  },
};

let gpu: Promise<GPU> | undefined;

/** Dawn as `navigator.gpu`, where TensorFlow.js looks for it when it is imported; one per process, as `navigator` is. */
function dawn(): Promise<GPU> {
  return (gpu ??= import('webgpu').then(({ create, globals }) => {
    Object.assign(globalThis, globals);
    const made = create([]);
    // Node 20 has no navigator; later ones have one that cannot be replaced but can be added to.
    if (!('navigator' in globalThis)) {
      Object.defineProperty(globalThis, 'navigator', { value: { userAgent: 'node' }, configurable: true });
    }
    const navigator: unknown = Reflect.get(globalThis, 'navigator');
    if (typeof navigator === 'object' && navigator !== null) Object.defineProperty(navigator, 'gpu', { value: made });
    return made;
  }));
}

/** TensorFlow's C library through a native addon; both packages register under one name, so that a process can use one. */
function native(name: string, description: string, packageName: string): DeviceKind {
  return {
    name,
    description,
    runtime: 'tensorflow',
    probe: () =>
      Promise.resolve(isInstalled(packageName) ? nativeProbe(packageName) : notInstalled(packageName, '4.22.0')),
    load: () => loadAddon(packageName),
  };
}

function nativeProbe(packageName: string): Probe {
  const library = path.join(path.dirname(require.resolve(`${packageName}/package.json`)), 'lib');
  const built =
    existsSync(library) &&
    readdirSync(library).some((folder) => existsSync(path.join(library, folder, 'tfjs_binding.node')));
  if (built) return { memory: mainMemory() };
  const reason = `${packageName} is installed without its native addon`;
  return { unavailable: { reason, fix: `Run npm rebuild ${packageName} --build-addon-from-source` } };
}

function isInstalled(packageName: string): boolean {
  try {
    require.resolve(packageName);
    return true;
  } catch {
    return false;
  }
}

function notInstalled(packageName: string, version: string): Probe {
  const reason = `the package ${packageName} is not installed`;
  return { unavailable: { reason, fix: `Install it with npm install ${packageName}@${version}` } };
}

/** The devices; the first usable one is the default. */
export const deviceKinds: readonly DeviceKind[] = [
  wasm,
  webgpu,
  native('node', "TensorFlow's C library on the CPU", '@tensorflow/tfjs-node'),
  {
    ...native('node-gpu', "TensorFlow's C library on an NVIDIA GPU", '@tensorflow/tfjs-node-gpu'),
    unverified: true,
  },
  cpu,
];
