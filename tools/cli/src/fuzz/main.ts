// `npm run fuzz -- --minutes N [--seed S] [--only ITERATION]`: mutated inputs for everything that reads one. Prints the seed, how many
// were tried, the kinds of faults, and where the first input of each lies.
import 'reflect-metadata';
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import { noteLines } from '../terminal/notes.js';
import { printLines } from '../terminal/print.js';
import { inputOf, LATE, tryOne, withFolder, type Fault } from './loop.js';
import { parsers } from './parsers.js';

interface Late {
  readonly iteration: number;
  readonly took: number;
}

const number = z.coerce.number().nonnegative();
const { values } = parseArgs({
  options: { minutes: { type: 'string' }, seed: { type: 'string' }, only: { type: 'string' } },
});
const seed = values.seed === undefined ? Date.now() % 2 ** 31 : number.parse(values.seed);
const until = Date.now() + 60_000 * number.parse(values.minutes ?? '1');
const folder = join(tmpdir(), `espalier-fuzz-${seed}`);
const all = parsers();
const kinds = new Map<string, { count: number; readonly first: Fault; readonly path: string }>();

function note(fault: Fault): void {
  const kind = `${fault.parser}: ${fault.what.replaceAll(/\d+|"[^"]*"|\/tmp\S*/g, '…').slice(0, 120)}`;
  const known = kinds.get(kind);
  if (known !== undefined) {
    known.count += 1;
    return;
  }
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${fault.parser}-${fault.iteration}.bin`);
  writeFileSync(path, inputOf(all, seed, fault.iteration).bytes);
  kinds.set(kind, { count: 1, first: fault, path });
  noteLines(`fault: ${fault.parser}, iteration ${fault.iteration}: ${fault.what}`, `  input: ${path}`);
}

/** Runs a worker from an iteration; gives the one after the last that it tried. A worker that gives no answer is ended. */
function round(from: number): Promise<number> {
  const counter = new SharedArrayBuffer(4);
  const at = new Int32Array(counter);
  Atomics.store(at, 0, from);
  const worker = new Worker(new URL('worker.js', import.meta.url), {
    workerData: { seed, from, until, counter },
    resourceLimits: { maxOldGenerationSizeMb: 160 },
  });
  worker.on('message', (own: Fault | Late) => ('took' in own ? late.push(own) : note(own)));
  return new Promise((resolve) => {
    let [last, since, stuck] = [-1, Date.now(), false];
    const started = Date.now();
    const watch = setInterval(() => {
      const now = Atomics.load(at, 0);
      peak = Math.max(peak, process.memoryUsage.rss());
      if (now !== last) [last, since] = [now, Date.now()];
      // A worker takes a while to load.
      if (Date.now() - since > 4 * LATE && Date.now() - started > 30_000) {
        stuck = true;
        note({ parser: inputOf(all, seed, now).parser.name, iteration: now, what: 'no answer at all' });
        void worker.terminate();
      }
    }, 200);
    worker.on('error', (error) => {
      note({
        parser: inputOf(all, seed, Atomics.load(at, 0)).parser.name,
        iteration: Atomics.load(at, 0),
        what: `the thread died: ${String(error)}`,
      });
    });
    worker.on('exit', () => {
      clearInterval(watch);
      resolve(Atomics.load(at, 0) + 1);
      if (stuck) noteLines('going on behind it');
    });
  });
}

let peak = 0;
/** Answers that came late, and in time when the input was tried again. */
const late: Late[] = [];
if (values.only !== undefined) {
  const iteration = number.parse(values.only);
  const { parser, bytes } = inputOf(all, seed, iteration);
  const fault = await withFolder((own) => tryOne(all, seed, iteration, own));
  printLines(`${parser.name}: ${bytes.toString('latin1').slice(0, 2000)}`, fault?.what ?? 'a good answer');
} else {
  printLines(`seed ${seed}, ${new Set(all.map(({ name }) => name)).size} kinds of input`);
  const began = Date.now();
  let tried = 0;
  while (Date.now() < until) tried = await round(tried);
  const minutes = (Date.now() - began) / 60_000;
  printLines(
    `${tried} inputs, ${Math.round(tried / minutes)} a minute, ${Math.round(peak / 1e6)} MB at most, ${kinds.size} kinds of faults`,
    ...late.map(({ iteration, took }) => `late at the first try: iteration ${iteration}, ${Math.round(took)} ms`),
    ...[...kinds].map(([kind, { count, path }]) => `${count} × ${kind} (${path})`),
  );
  process.exitCode = kinds.size > 0 ? 1 : 0;
}
