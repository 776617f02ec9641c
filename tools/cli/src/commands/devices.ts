// `espalier devices`: what programs can run on here, and how fast.
import { fileURLToPath } from 'node:url';
import { at, loadModel } from '@espalier/core';
import { tinyTalesAssets } from '@espalier/plugins';
import { z } from 'zod';
import { noteLines } from '../terminal/notes.js';
import { printJson, printLines } from '../terminal/print.js';
import { reportDevices, type DeviceReport } from '../device-report.js';
import { listDevices } from '../quiet-devices.js';
import { createWorkbench, formatInteger, wrapped } from '@espalier/run';
import { screenColumns } from '../terminal/columns.js';

const GAP = 2;
const INDENT = 2;

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
    else printLines(...deviceTable(reports, bench, screenColumns(process.stdout)));
  } finally {
    await loaded?.close();
  }
}

/** Lines of a table of the devices, and under it what the absent ones need; of at most so many characters where words allow it. */
export function deviceTable(reports: readonly DeviceReport[], bench: boolean, columns: number): readonly string[] {
  const rate = (value: number | undefined, unit = 1): string =>
    value === undefined ? '–' : value / unit < 10 ? (value / unit).toFixed(1) : formatInteger(Math.round(value / unit));
  // Beside what was measured there is no room to say what a device is.
  const titles = ['device', 'can be used', 'memory', ...(bench ? ['GFLOP/s', 'trained/s', 'written/s'] : ['what'])];
  const rows = reports.map(({ backend, name, description, memory, unavailable, unverified, speed }) => [
    `${backend}:${name}`,
    `${unavailable === undefined ? (speed?.problem === undefined ? 'yes' : 'fails') : 'no'}${unverified === true ? ' (unverified)' : ''}`,
    memory === undefined ? '–' : `${(memory / 2 ** 30).toFixed(1)} GiB`,
    ...(bench
      ? [rate(speed?.matmulRate, 1e9), rate(speed?.trainTokensPerSecond), rate(speed?.generatedTokensPerSecond)]
      : [description]),
  ]);
  const table = [titles, ...rows];
  const widths = titles.map((_, column) => Math.max(...table.map((cells) => at(cells, column).length)));
  const before = widths.slice(0, -1).reduce((sum, width) => sum + width + GAP, 0);
  const lines = table.flatMap((cells) => {
    const [first = '', ...rest] = wrapped(at(cells, cells.length - 1), Math.max(20, columns - before));
    const own = cells.slice(0, -1).map((cell, column) => cell.padEnd(at(widths, column) + GAP));
    return [`${own.join('')}${first}`, ...rest.map((line) => `${' '.repeat(before)}${line}`)];
  });
  const speeds = bench ? ['', 'trained/s, written/s: tokens a second in training and in generation'] : [];
  const notes = reports.flatMap(({ backend, name, unavailable, speed }) => {
    const pair = `${backend}:${name}`;
    if (unavailable !== undefined) return [`${pair}: ${unavailable.reason}. ${unavailable.fix}.`];
    return speed?.problem === undefined ? [] : [`${pair}: ${speed.problem}`];
  });
  const untested = reports.some(({ unverified }) => unverified === true)
    ? ['Unverified: never run by the tests of this project; compare its losses with ort:cpu before you trust it.']
    : [];
  const paragraphs = [...notes, ...untested].map((own) =>
    wrapped(own, columns - INDENT).map((line, index) => (index === 0 ? line : `${' '.repeat(INDENT)}${line}`)),
  );
  return [...lines, ...speeds, '', ...paragraphs.flat()];
}
