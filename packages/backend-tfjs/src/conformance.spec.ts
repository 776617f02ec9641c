// The suite that every backend must pass, on every device that is there; webgpu has its own file.
import { describeDevices } from '@espalier/core/testing';
import { tfjsBackend } from './tfjs-backend.js';

await describeDevices((device) => tfjsBackend({ device }), ['wasm', 'cpu', 'node', 'node-gpu']);
