// The execution providers of ONNX Runtime as devices: which there are, how one is found to be there, and how its sessions
// are made.
import { readdirSync } from 'node:fs';
import { totalmem } from 'node:os';
import path from 'node:path';
import { input, program, programToOnnx, type Device, type OnnxTarget } from '@espalier/core/graph';
import { availableProviders, type OrtHost } from './c-api/session.js';
import { cpuTarget, gpuTarget } from './composites.js';
import { loadRuntime } from './runtime.js';

/** One provider. */
export interface Provider {
  /** Of the device. */
  readonly name: string;
  /** The library's name of it where it is put before the CPU's. */
  readonly appended?: string;
  readonly description: string;
  /** Where state lies between runs; `host` copies it to the device and back at every run. */
  readonly state: 'host' | 'gpu';
  readonly target: OnnxTarget;
  readonly memory?: number;
  readonly unverified?: boolean;
  /** Why it cannot be used here. */
  probe(): Promise<Device['unavailable']>;
}

/** What the library offers; the CPU is the default. */
export function listProviders({ library }: OrtHost, threads: number): readonly Provider[] {
  const offered = availableProviders(library);
  const others = offered.filter((name) => !['CPU', 'WebGpu', 'Tensorrt'].includes(name));
  return [
    {
      name: 'cpu',
      description: `ONNX Runtime CPU provider, ${threads} threads`,
      state: 'host',
      target: cpuTarget,
      memory: Math.min(totalmem(), process.constrainedMemory() || Infinity),
      probe: () => Promise.resolve(undefined),
    },
    ...(offered.includes('WebGpu') ? [webgpu()] : []),
    ...others.map((name) => plain(name, path.dirname(library.path))),
  ];
}

function webgpu(): Provider {
  return {
    name: 'webgpu',
    description: 'ONNX Runtime WebGPU provider; state stays on the GPU',
    state: 'gpu',
    target: gpuTarget,
    async probe() {
      const model = programToOnnx(program('probe', { outputs: { x: input('x', [1], 'float32') } }));
      try {
        const runtime = await loadRuntime();
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
function plain(appended: string, folder: string): Provider {
  const name = appended.toLowerCase();
  return {
    name,
    appended,
    description: `ONNX Runtime ${name} provider; state is copied at every run`,
    state: 'host',
    target: {},
    unverified: true,
    probe: () => {
      const separate = name === 'cuda';
      if (!separate || readdirSync(folder).some((file) => file.includes(`providers_${name}`))) {
        return Promise.resolve(undefined);
      }
      const fix =
        'Name a library that has them beside it (ESPALIER_ORT_LIBRARY; the wheel onnxruntime-gpu ' +
        'brings one), or, next to CUDA 12 and cuDNN 9: ' +
        'ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install';
      return Promise.resolve({ reason: `the files of ONNX Runtime's ${name} provider are not installed`, fix });
    },
  };
}
