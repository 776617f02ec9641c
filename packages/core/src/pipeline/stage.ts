// A stage is a function from a value to a stream that ends in the next value. Unsubscribing cancels it.
import { Observable } from 'rxjs';
import type { Backend } from '../backend/index.js';
import type { Random } from '../random.js';
import type { StageEvent, StageReport } from './events.js';

/** What every stage may use. */
export interface StageContext {
  readonly backend: Backend;
  /** Device of the backend; its first one when not given. */
  readonly device?: string;
  /** The run's stream; a stage forks its own from it by name, so that stages do not disturb each other. */
  readonly random: Random;
}

export interface Stage<In, Out> {
  /** How the stage is called in events. */
  readonly stageName: string;
  (input: In, context: StageContext): Observable<StageEvent<Out>>;
}

/** Reports while a stage works; `signal` tells that nobody is listening any more. */
export interface StageTools {
  report(event: StageReport): void;
  readonly signal: AbortSignal;
}

/** Makes a stage of an async function. Its tools report; its return value is the result; abort ends it at the next check. */
export function stage<In, Out>(
  stageName: string,
  work: (input: In, context: StageContext, tools: StageTools) => Promise<Out>,
): Stage<In, Out> {
  const run = (input: In, context: StageContext): Observable<StageEvent<Out>> =>
    new Observable((subscriber) => {
      const abort = new AbortController();
      const tools: StageTools = { report: (event) => subscriber.next(event), signal: abort.signal };
      work(input, context, tools).then(
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
