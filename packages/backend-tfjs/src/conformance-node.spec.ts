// The suite that every backend must pass, on TensorFlow's C library, where its addon is installed (tools/tfjs-node builds it).
import { describeDevices } from '@espalier/testing';
import { tfjsBackend } from './tfjs-backend.js';

await describeDevices((device) => tfjsBackend({ device }), ['node', 'node-gpu']);
