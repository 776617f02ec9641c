// Which device a name means, and what is said when there is none.
import { expect, test } from 'vitest';
import { chooseDevice } from './devices.js';

const devices = [
  { name: 'gpu', description: 'a GPU', unavailable: { reason: 'there is no driver', fix: 'Install one' } },
  { name: 'cpu', description: 'the CPU' },
  { name: 'wasm', description: 'WebAssembly' },
];

test('a device is found by its name; without one, it is the first that can be used', () => {
  expect(chooseDevice('mine', devices, 'wasm').name).toBe('wasm');
  expect(chooseDevice('mine', devices).name).toBe('cpu');
});

test('a device that cannot be used is refused with the reason, the remedy and what can be used', () => {
  expect(() => chooseDevice('mine', devices, 'gpu')).toThrow(
    'run on device "gpu" of backend "mine": there is no driver. Install one. Usable now: cpu, wasm.',
  );
});

test('an unknown device is refused with the devices there are, and the nearest of them', () => {
  expect(() => chooseDevice('mine', devices, 'wsm')).toThrow(
    'run on device "wsm" of backend "mine": this backend has gpu, cpu, wasm. Perhaps "wasm" was meant.',
  );
  expect(() => chooseDevice('mine', devices, 'quantum')).toThrow('Name one of these, or none');
});

test('a backend without a usable device says so', () => {
  expect(() => chooseDevice('mine', devices.slice(0, 1))).toThrow('run on device "any" of backend "mine"');
});
