// The suite that every backend must pass, on the WebGPU provider (its own file: a software GPU takes its time).
import { describeDevices, onSoftwareGpu, type KnownLimit } from '@espalier/testing';
import { ortBackend } from './ort-backend.js';

const edges = 'WGSL leaves NaN, infinity and poles to the driver';
const halves = 'SwiftShader has no 16-bit floats';
const limits: readonly KnownLimit[] = [
  ...['exp', 'log', 'sigmoid', 'power'].map((group) => ({ group, check: 'at the edges', reason: edges })),
  ...['float32 to float16', 'float16 to float32', 'float16 to int32'].map((check) => ({
    group: 'cast',
    check,
    reason: halves,
  })),
  { group: 'gradients of ops', check: 'cast: float16 to float32', reason: halves },
  { group: 'mixed precision', reason: halves },
];

await describeDevices((device) => ortBackend({ device }), ['webgpu'], { limits, only: onSoftwareGpu });
