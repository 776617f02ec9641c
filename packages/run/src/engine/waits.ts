// What a run does before its first unit, told as stages of its stream once it takes a while: nobody looks at a still screen.
import { CancelledError, type PipelineEvent, type Watch } from '@espalier/core';

/** What may take long before the work begins. */
export const waitNames = [
  'check the run',
  'fetch the model',
  'hash the model',
  'read the text',
  'write held-out text',
] as const;
/** One of them. */
export type WaitName = (typeof waitNames)[number];

/** Milliseconds before a wait is told of at all: most are over by then. */
const DELAY = 500;
/** Milliseconds between two reports. */
const PACE = 250;

/** Waits, one after another. */
export interface Waits {
  /** Told by the work how far it has come; passed on while a wait lasts. */
  readonly watch: Watch;
  /** Does a work, and tells of it while it lasts, also where the work says nothing: a stage of the teacher, with progress four times a second at most. */
  readonly during: <Value>(name: WaitName, work: () => Promise<Value>) => Promise<Value>;
}

/** Who ends waits, and their clock. */
export interface WaitOptions {
  /** Once aborted, the next word of the work ends it with `CancelledError`. */
  readonly signal?: AbortSignal;
  /** Milliseconds; those of the process when not given. */
  readonly now?: () => number;
  /** Calls back once, later; the returned function calls it off. A timer of the process when not given. */
  readonly later?: (milliseconds: number, call: () => void) => () => void;
}

/** Waits that are told to `tell`. */
export function waitsOf(
  tell: (event: PipelineEvent) => void,
  { signal, now = () => performance.now(), later = timer }: WaitOptions = {},
): Waits {
  const origin = now();
  let current: { readonly name: WaitName; readonly began: number; started: boolean; told: number } | undefined;
  const stamp = (name: WaitName) => ({ run: 'teacher', stage: name, time: Math.round(now() - origin) });
  const start = (): void => {
    if (current === undefined || current.started) return;
    current.started = true;
    tell({ type: 'stage-started', ...stamp(current.name) });
  };
  return {
    watch(progress) {
      if (current === undefined) return;
      if (signal?.aborted === true) throw new CancelledError(current.name);
      const [{ name, began, told }, time] = [current, now()];
      if (time - began < DELAY || time - told < PACE) return;
      start();
      current.told = time;
      tell({ type: 'progress', ...progress, ...stamp(name) });
    },
    async during(name, work) {
      const own = { name, began: now(), started: false, told: -Infinity };
      current = own;
      const callOff = later(DELAY, start);
      try {
        const value = await work();
        if (own.started) tell({ type: 'stage-finished', ...stamp(name) });
        return value;
      } finally {
        callOff();
        current = undefined;
      }
    },
  };
}

function timer(milliseconds: number, call: () => void): () => void {
  const own = setTimeout(call, milliseconds).unref();
  return () => clearTimeout(own);
}

/** Whether an event belongs to a wait, so that no unit has begun with it. */
export function isWait({ stage }: Pick<PipelineEvent, 'stage'>): boolean {
  return waitNames.some((name) => name === stage);
}
