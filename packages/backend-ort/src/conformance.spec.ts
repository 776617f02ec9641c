// The suite that every backend must pass, on every provider that is there.
import { describeDevices } from '@espalier/testing';
import { ortBackend } from './ort-backend.js';

await describeDevices((device) => ortBackend({ device }), ['cpu', 'cuda']);
