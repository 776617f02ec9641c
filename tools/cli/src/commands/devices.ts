// `espalier devices`: what programs can run on here, and how fast.
import { fileURLToPath } from 'node:url';
import { loadModel } from '@espalier/core';
import { tinyTalesAssets } from '@espalier/plugins';
import { z } from 'zod';
import { noteLines } from '../terminal/notes.js';
import { printJson, printLines } from '../terminal/print.js';
import { reportDevices, type DeviceReport } from '../device-report.js';
import { listDevices } from '../quiet-devices.js';
import { createWorkbench, formatInteger } from '@espalier/run';

const schema = z.object({ bench: z.boolean(), json: z.boolean() });

/** Runs the verb with the flags that commander has parsed. */
export async function devicesCommand(given: unknown, signal: AbortSignal): Promise<void> {
  const { bench, json } = schema.parse(given);
  const { container, families } = createWorkbench({ seed: 1 });
  const loaded = bench ? await loadModel(fileURLToPath(tinyTalesAssets), families) : undefined;
  try {
    const measuring = (pair: string): void => {
      signal.throwIfAborted();
      noteLines(`measuring ${pair}`);
    };
    // The list as JSON is what `listDevices` itself asks for.
    const reports =
      bench || json ? await reportDevices(container, loaded?.model, measuring) : await listDevices(container, signal);
    if (json) printJson(reports);
    else printLines(...deviceTable(reports, bench));
  } finally {
    await loaded?.close();
  }
}

/** Lines of a Markdown table of the devices, and under it what the absent ones need. */
export function deviceTable(reports: readonly DeviceReport[], bench: boolean): readonly string[] {
  const rate = (value: number | undefined, unit = 1): string =>
    value === undefined ? '–' : value / unit < 10 ? (value / unit).toFixed(1) : formatInteger(Math.round(value / unit));
  const titles = [
    'device',
    'can be used',
    'memory',
    ...(bench ? ['GFLOP/s', 'training tokens/s', 'generated tokens/s'] : []),
    'what',
  ];
  const rows = reports.map(({ backend, name, description, memory, unavailable, unverified, speed }) => [
    `${backend}:${name}`,
    `${unavailable === undefined ? (speed?.problem === undefined ? 'yes' : 'fails') : 'no'}${unverified === true ? ' (unverified)' : ''}`,
    memory === undefined ? '–' : `${(memory / 2 ** 30).toFixed(1)} GiB`,
    ...(bench
      ? [rate(speed?.matmulRate, 1e9), rate(speed?.trainTokensPerSecond), rate(speed?.generatedTokensPerSecond)]
      : []),
    description,
  ]);
  const lines = [titles, titles.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  const notes = reports.flatMap(({ backend, name, unavailable, speed }) => {
    const pair = `${backend}:${name}`;
    if (unavailable !== undefined) return [`${pair}: ${unavailable.reason}. ${unavailable.fix}.`];
    return speed?.problem === undefined ? [] : [`${pair}: ${speed.problem}`];
  });
  const untested = reports.some(({ unverified }) => unverified === true)
    ? ['Unverified: never run by the tests of this project; compare its losses with ort:cpu before you trust it.']
    : [];
  return [...lines, '', ...notes, ...untested];
}
