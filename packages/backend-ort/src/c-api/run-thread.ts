// The one thread of a process that makes sessions and runs them, so that the event loop lives meanwhile. It is always the same
// thread because the library lets only the first that makes a session flush denormals to zero: another thread's results could
// differ in their last bits, and Adam's decayed moments would slow it down many times.
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { InternalError } from '@espalier/core';
import { z } from 'zod';
import { functions } from './functions.js';

/** What the thread can be asked to call. */
export type ThreadFunction = 'CreateSessionFromArray' | 'Run';

/** Calls in a thread of its own, one after the other. */
export interface RunThread {
  /** Resolves to the status (an address, 0 for success). `memory` is what the arguments point at: it is held until then, since addresses hold nothing. */
  call(name: ThreadFunction, address: bigint, args: readonly bigint[], memory: readonly object[]): Promise<bigint>;
}

// Plain JavaScript in a string: it starts from sources, from `dist` and from a bundle alike.
const source = `
const { parentPort, workerData } = require('node:worker_threads');
const koffi = require(workerData.koffi);
koffi.load(null); // koffi 3.3.4 crashes where a thread calls before it has loaded anything
const bound = new Map();
parentPort.on('message', ([id, name, address, args]) => {
  const call = bound.get(name + address) ?? koffi.decode(address, koffi.proto(...workerData.types[name]));
  bound.set(name + address, call);
  parentPort.postMessage([id, call(...args) ?? 0n]);
});`;

interface Waiting {
  readonly resolve: (status: bigint) => void;
  readonly reject: (error: unknown) => void;
  readonly memory: readonly object[];
}

const answer = z.tuple([z.number(), z.bigint()]);

function startThread(): RunThread {
  const worker = new Worker(source, {
    eval: true,
    name: 'onnxruntime',
    workerData: {
      koffi: createRequire(import.meta.url).resolve('koffi'),
      types: { CreateSessionFromArray: functions.CreateSessionFromArray.slice(1), Run: functions.Run.slice(1) },
    },
  });
  const waiting = new Map<number, Waiting>();
  let last = 0;
  let ended: Error | undefined;
  worker.on('message', (message: unknown) => {
    const [id, status] = answer.parse(message);
    waiting.get(id)?.resolve(status);
    waiting.delete(id);
    if (waiting.size === 0) worker.unref();
  });
  const fail = (error: Error): void => {
    ended ??= error;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  worker.on('error', fail);
  worker.on('exit', () => fail(new InternalError('the thread that runs programs has ended')));
  worker.unref(); // a process whose work is done ends; listening for messages would take this back
  return {
    call: (name, address, args, memory) =>
      new Promise((resolve, reject) => {
        if (ended !== undefined) {
          reject(ended);
          return;
        }
        if (waiting.size === 0) worker.ref();
        waiting.set(++last, { resolve, reject, memory });
        worker.postMessage([last, name, address, args]);
      }),
  };
}

let started: RunThread | undefined;

/** The thread, started at the first use: what the library keeps for a process is kept once here too. */
export const runThread = (): RunThread => (started ??= startThread());
