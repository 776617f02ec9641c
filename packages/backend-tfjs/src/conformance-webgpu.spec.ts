// The suite that every backend must pass, on the webgpu device (its own file: a software GPU takes its time).
import { describeDevices, onSoftwareGpu, type KnownLimit } from '@espalier/testing';
import { tfjsBackend } from './tfjs-backend.js';

const reason = 'integers are computed in float32 there, exact up to 2^24';
const limits: readonly KnownLimit[] = [
  { group: 'negate', check: 'of integers', reason },
  { group: 'abs', check: 'of integers', reason },
];
await describeDevices((device) => tfjsBackend({ device }), ['webgpu'], { limits, only: onSoftwareGpu });
