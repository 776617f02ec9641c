// Shows the events of a run on stderr, so that stdout stays for results: a live view on a terminal, plain lines elsewhere and with
// --verbose, warnings alone with --quiet.
import type { PipelineEvent } from '@espalier/core';
import { eventWithoutSecrets } from '../terminal/print.js';
import { verbosity } from '../terminal/verbosity.js';
import { createLiveView } from './live-view.js';
import { createPlainView } from './plain-view.js';

/** Listens to events; `stop` ends the view and leaves what it last showed. Stopping twice is harmless. */
export interface Progress {
  show(event: PipelineEvent): void;
  stop(): void;
}

export interface ProgressOptions {
  /** Names of the steps (`run` of their events) in the order that they will come, where that is known. */
  readonly steps?: readonly string[];
  /** Overrides what is found out about the stream and the environment. */
  readonly live?: boolean;
}

/** Whether a stream takes a live view: a terminal that can move its cursor, and nobody who asked for plain lines. */
export function takesLiveView(isTTY: boolean, environment: Readonly<Record<string, string | undefined>>): boolean {
  const set = (name: string): boolean => environment[name] !== undefined && environment[name] !== '';
  return isTTY && !set('CI') && !set('NO_COLOR') && environment['TERM'] !== 'dumb';
}

/** The view that fits the stream. */
export function createProgress(
  stream: NodeJS.WriteStream = process.stderr,
  { steps = [], live = takesLiveView(stream.isTTY, process.env) }: ProgressOptions = {},
): Progress {
  const now = (): number => performance.now();
  const later = (milliseconds: number, call: () => void): (() => void) => {
    const timer = setTimeout(call, milliseconds).unref();
    return () => clearTimeout(timer);
  };
  const said = verbosity();
  const plain = (every?: number): Progress =>
    createPlainView((text) => stream.write(text), { now, later, interval: every });
  if (said === 'quiet') return withoutTheirSecrets(warningsOf(plain()));
  if (said === 'verbose') return withoutTheirSecrets(plain(1000));
  if (!live) return withoutTheirSecrets(plain());
  const view = createLiveView(stream, {
    now,
    later,
    // Text on its way to a file or a pipe is none of the view's business.
    capture: [process.stdout, process.stderr].filter((own) => own.isTTY),
    steps,
  });
  const stop = (): void => {
    process.off('exit', stop);
    view.stop();
  };
  process.once('exit', stop); // whatever ends the process, the cursor comes back
  return withoutTheirSecrets({ show: (event) => view.show(event), stop });
}

function warningsOf(view: Progress): Progress {
  return {
    show(event) {
      if (event.type === 'warning') view.show(event);
    },
    stop: () => view.stop(),
  };
}

/** The view of events that tell no secrets: those of a run have lost them already, those of other verbs have not. */
function withoutTheirSecrets(view: Progress): Progress {
  return { show: (event) => view.show(eventWithoutSecrets(event)), stop: () => view.stop() };
}
