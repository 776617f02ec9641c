// The table of devices on a terminal.
import { expect, test } from 'vitest';
import type { DeviceReport } from '../device-report.js';
import { deviceTable } from './devices.js';

const gone = { reason: 'its driver is not there and cannot be found in any of the usual places', fix: 'Install it' };
const reports: readonly DeviceReport[] = [
  { backend: 'ort', name: 'cpu', description: 'ONNX Runtime CPU provider, 64 threads', memory: 2 ** 40 },
  {
    backend: 'tfjs',
    name: 'node-gpu',
    description: "TensorFlow's C library on an NVIDIA GPU, with all that it needs",
    unverified: true,
    unavailable: gone,
  },
];

test.each([false, true])('it has no line of more than 80 characters (measured: %s), and says all', (bench) => {
  const lines = deviceTable(reports, bench, 80);
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
  const text = lines.join(' ').replaceAll(/ +/g, ' ');
  expect(text).toContain('ort:cpu yes 1024.0 GiB');
  expect(text).toContain(`tfjs:node-gpu: ${gone.reason}. Install it.`);
  if (!bench) expect(text).toContain('with all that it needs');
});

test('in a pipe a device is one line', () => {
  const [titles, ...rows] = deviceTable(reports, false, Infinity);
  expect(titles).toMatch(/^device +can be used +memory +what$/);
  expect(rows.findIndex((line) => line === '')).toBe(reports.length);
});
