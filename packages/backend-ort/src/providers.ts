// The execution providers of ONNX Runtime as devices: which there are, how one is found to be there, and how its sessions
// are made.
import { existsSync, readdirSync } from 'node:fs';
import { totalmem } from 'node:os';
import path from 'node:path';
import { input, ownValue, program, programToOnnx, type Device, type OnnxTarget } from '@espalier/core';
import { cpuTarget, gpuTarget } from './composites.js';
import { runtimeManifest, type ort } from './runtime.js';

/** One provider. */
export interface Provider {
  /** Its name in ONNX Runtime, and of the device. */
  readonly name: string;
  readonly description: string;
  /** Where state lies between runs; `host` copies it to the device and back at every run. */
  readonly state: 'host' | 'gpu';
  readonly target: OnnxTarget;
  readonly memory?: number;
  readonly unverified?: boolean;
  /** Why it cannot be used here. */
  probe(): Promise<Device['unavailable']>;
}

/** Providers that are not bundled, and how their files are had. */
const installs: Readonly<Record<string, string>> = {
  cuda:
    'Install its files, next to CUDA 12 and cuDNN 9, with ' +
    'ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install',
};

/** What the runtime offers, fastest bundled one of this project's tests last known first: the CPU is the default. */
export function listProviders(runtime: typeof ort, threads: number): readonly Provider[] {
  const bundled = new Map(runtime.listSupportedBackends().map((own) => [own.name, own.bundled]));
  const others = [...bundled.keys()].filter((name) => name !== 'cpu' && name !== 'webgpu');
  return [
    {
      name: 'cpu',
      description: `ONNX Runtime CPU provider, ${threads} threads`,
      state: 'host',
      target: cpuTarget,
      memory: Math.min(totalmem(), process.constrainedMemory() || Infinity),
      probe: () => Promise.resolve(undefined),
    },
    ...(bundled.has('webgpu') ? [webgpu(runtime)] : []),
    ...others.map((name) => plain(name, bundled.get(name) === true)),
  ];
}

function webgpu(runtime: typeof ort): Provider {
  return {
    name: 'webgpu',
    description: 'ONNX Runtime WebGPU provider; state stays on the GPU',
    state: 'gpu',
    target: gpuTarget,
    async probe() {
      const model = programToOnnx(program('probe', { outputs: { x: input('x', [1], 'float32') } }));
      try {
        const session = await runtime.InferenceSession.create(model, {
          executionProviders: ['webgpu'],
          logSeverityLevel: 4,
        });
        await session.release();
        return undefined;
      } catch {
        const fix =
          'Install a Vulkan, Metal or Direct3D 12 driver; without a GPU, SwiftShader checks results (CONTRIBUTING.md)';
        return { reason: 'WebGPU finds no adapter', fix };
      }
    },
  };
}

/** A provider that this project has never run: the smallest path, with state in main memory. */
function plain(name: string, bundled: boolean): Provider {
  return {
    name,
    description: `ONNX Runtime ${name} provider; state is copied at every run`,
    state: 'host',
    target: {},
    unverified: true,
    probe: () => {
      if (bundled || hasLibrary(name)) return Promise.resolve(undefined);
      const fix = ownValue(installs, name) ?? `Install the files of ONNX Runtime's ${name} provider`;
      return Promise.resolve({ reason: `the files of ONNX Runtime's ${name} provider are not installed`, fix });
    },
  };
}

/** Whether the provider's shared library lies beside the runtime's own. */
function hasLibrary(name: string): boolean {
  const bin = path.join(path.dirname(runtimeManifest()), 'bin');
  const versions = existsSync(bin) ? readdirSync(bin) : [];
  return versions.some((version) => {
    const folder = path.join(bin, version, process.platform, process.arch);
    return existsSync(folder) && readdirSync(folder).some((file) => file.includes(`providers_${name}`));
  });
}
