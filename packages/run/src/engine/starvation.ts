// Says once that other programs leave this run too little of the machine, and what to set.
import type { PipelineEvent } from '@espalier/core';
import { notice } from './engine.js';

/** What the operating system has counted since the process began. */
export interface Reading {
  /** Milliseconds on the clock. */
  readonly wall: number;
  /** Milliseconds of processor time, all threads together. */
  readonly cpu: number;
  /** How often a thread had to leave a core to another program although it had work; always 0 on Windows. */
  readonly preempted: number;
}

/** Milliseconds that two readings are apart: shorter ones are chance. */
const WINDOW = 10_000;
/** Of the time that its threads could have had; copying and JavaScript leave a run alone on its machine above it. */
const FAIR_SHARE = 0.6;
/** Times a thread is driven off a core in a second of processor time: a few on a quiet machine, hundreds on a crowded one. */
const CROWDED = 50;

/**
 * What to tell the user of a run with so many threads, or nothing: it got less processor time than it had use for, and had work
 * while it did not. A run that waits for a disk or a host gets little time too, but nothing drives it off a core.
 */
export function starved(before: Reading, after: Reading, threads: number): string | undefined {
  const [wall, cpu] = [after.wall - before.wall, after.cpu - before.cpu];
  const share = cpu / wall;
  const crowded = after.preempted - before.preempted > (CROWDED * cpu) / 1000;
  if (!crowded || share >= FAIR_SHARE * threads) return undefined;
  const got = `other programs leave this run about ${Math.round(share * 100)}% of a core's time`;
  const also = 'let them end, or expect it to take longer than planned';
  if (threads === 1) return `${got}: ${also}`;
  return `${got} for ${threads} threads, which wait for each other: set --threads 1, or backend: { name: ort, threads: 1 } in the recipe (results may differ in the last digits), ${also}`;
}

/**
 * Hands events on; adds one warning, the first time that the run was starved for ten seconds. `threads` are those of its backend:
 * one that does not say is not judged.
 */
export function withStarvation(
  show: (event: PipelineEvent) => void,
  threads: number | undefined,
  read: () => Reading = readProcess,
): (event: PipelineEvent) => void {
  if (threads === undefined) return show;
  let before = read();
  let told = false;
  return (event) => {
    show(event);
    if (told) return;
    const after = read();
    if (after.wall - before.wall < WINDOW) return;
    const message = starved(before, after, threads);
    before = after;
    if (message === undefined) return;
    told = true;
    show(notice(message));
  };
}

function readProcess(): Reading {
  const { userCPUTime, systemCPUTime, involuntaryContextSwitches } = process.resourceUsage();
  return {
    wall: performance.now(),
    cpu: (userCPUTime + systemCPUTime) / 1000,
    preempted: involuntaryContextSwitches,
  };
}
