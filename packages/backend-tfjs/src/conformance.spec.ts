// The suite that every backend must pass, on every device that is there.
import { describeDevices, type KnownLimit } from '@espalier/core/testing';
import { tfjsBackend } from './tfjs-backend.js';

const make = (device: string) => tfjsBackend({ device });

await describeDevices(make, ['wasm', 'cpu', 'node', 'node-gpu']);

const reason = 'integers are computed in float32 there, exact up to 2^24';
const limits: readonly KnownLimit[] = [
  { group: 'negate', check: 'of integers', reason },
  { group: 'abs', check: 'of integers', reason },
];
await describeDevices(make, ['webgpu'], { limits });
