// The suite that every backend must pass, on the devices that come with it; the others have files of their own.
import { describeDevices } from '@espalier/testing';
import { tfjsBackend } from './tfjs-backend.js';

await describeDevices((device) => tfjsBackend({ device }), ['wasm', 'cpu']);
