// A stage is a function from a value to a stream that ends in the next value. Unsubscribing cancels it.
import { Observable } from 'rxjs';
import type { Backend } from '../backend/index.js';
import type { Random } from '../random.js';
import type { StageEvent, StageReport, Watch } from './events.js';
import { finiteReport } from './finite.js';

/** What every stage may use. */
export interface StageContext {
  /** What compiles and runs the programs of the stage. */
  readonly backend: Backend;
  /** Device of the backend; its first one when not given. */
  readonly device?: string;
  /** The run's stream; a stage forks its own from it by name, so that stages do not disturb each other. */
  readonly random: Random;
  /** Whether models are calibrated and measured layer by layer, their weights left where they lie; where not said, large ones are. */
  readonly layered?: boolean;
  /** Told how far a work has come that is no stage’s own: reading text, loading weights, compiling. Within a stage, it reports that. */
  readonly watch?: Watch;
  /** Aborted when nobody waits for the work any more; within a stage, its tools' signal. */
  readonly signal?: AbortSignal;
}

/** A step of a pipeline: a function from a value to a stream of reports that ends in one result. It does nothing until it is subscribed to. */
export interface Stage<In, Out> {
  /** How the stage is called in events. */
  readonly stageName: string;
  /** The stream for one value; unsubscribing cancels the work, an error in it fails the run. */
  (input: In, context: StageContext): Observable<StageEvent<Out>>;
}

/** Reports while a stage works; `signal` tells that nobody is listening any more. */
export interface StageTools {
  /** Passes on what the stage has to tell, at once. Throws `InputError` for a metric or finding with a number that is NaN or infinite. */
  report(event: StageReport): void;
  /** Aborted once nobody listens; long work calls `throwIfAborted` now and then. */
  readonly signal: AbortSignal;
}

/**
 * Makes a stage of an async function. Its tools report; its return value is the result; what it throws fails the run.
 * Cancelling aborts the tools' signal: the work ends where it next looks at it.
 */
export function stage<In, Out>(
  stageName: string,
  work: (input: In, context: StageContext, tools: StageTools) => Promise<Out>,
): Stage<In, Out> {
  const run = (input: In, context: StageContext): Observable<StageEvent<Out>> =>
    new Observable((subscriber) => {
      const abort = new AbortController();
      const tools: StageTools = { report: (event) => subscriber.next(finiteReport(event)), signal: abort.signal };
      const watch: Watch = (progress) => tools.report({ type: 'progress', ...progress });
      work(input, { ...context, watch, signal: abort.signal }, tools).then(
        (value) => {
          subscriber.next({ type: 'result', value });
          subscriber.complete();
        },
        (error: unknown) => {
          if (!abort.signal.aborted) subscriber.error(error);
        },
      );
      return () => abort.abort();
    });
  return Object.assign(run, { stageName });
}
