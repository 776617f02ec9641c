// The thread that tries inputs; the main one watches its counter, so that an input which never ends is found.
import 'reflect-metadata';
import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { tryOne, withFolder } from './loop.js';
import { parsers } from './parsers.js';

const { seed, from, until, counter } = z
  .object({ seed: z.int(), from: z.int(), until: z.number(), counter: z.instanceof(SharedArrayBuffer) })
  .parse(workerData);
const all = parsers();
const at = new Int32Array(counter);

await withFolder(async (folder) => {
  for (let iteration = from; Date.now() < until; iteration++) {
    Atomics.store(at, 0, iteration);
    const fault = await tryOne(all, seed, iteration, folder, (took) => parentPort?.postMessage({ iteration, took }));
    if (fault !== undefined) parentPort?.postMessage(fault);
  }
});
