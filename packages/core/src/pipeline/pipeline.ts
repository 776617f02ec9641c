// Joins stages into one stream of events. A stage that does not fit its neighbour does not compile.
import { Observable, Subscription, type Observer } from 'rxjs';
import { InternalError } from '../errors.js';
import type { PipelineEvent, StageReport } from './events.js';
import type { Stage, StageContext } from './stage.js';

type AnyStage = Stage<never, unknown>;

/** A run that has not begun: a first value, the stages it will go through, and what they share. */
export class Pipeline<Value> {
  private constructor(
    private readonly start: unknown,
    private readonly stages: readonly AnyStage[],
    private readonly context: StageContext,
    private readonly runName: string,
  ) {}

  /** A pipeline without stages: its value is `value`. `runName` stands in every event. */
  static of<Value>(value: Value, context: StageContext, runName = 'run'): Pipeline<Value> {
    return new Pipeline<Value>(value, [], context, runName);
  }

  /** Adds a stage, which takes this pipeline's value. */
  pipe<A>(a: Stage<Value, A>): Pipeline<A>;
  /** Adds two stages; each takes what the one before it gives. */
  pipe<A, B>(a: Stage<Value, A>, b: Stage<A, B>): Pipeline<B>;
  /** Adds three stages; each takes what the one before it gives. */
  pipe<A, B, C>(a: Stage<Value, A>, b: Stage<A, B>, c: Stage<B, C>): Pipeline<C>;
  /** Adds four stages; each takes what the one before it gives. */
  pipe<A, B, C, D>(a: Stage<Value, A>, b: Stage<A, B>, c: Stage<B, C>, d: Stage<C, D>): Pipeline<D>;
  /** Adds five stages; each takes what the one before it gives. */
  pipe<A, B, C, D, E>(a: Stage<Value, A>, b: Stage<A, B>, c: Stage<B, C>, d: Stage<C, D>, e: Stage<D, E>): Pipeline<E>;
  /** Adds six stages; each takes what the one before it gives. */
  pipe<A, B, C, D, E, F>(
    a: Stage<Value, A>,
    b: Stage<A, B>,
    c: Stage<B, C>,
    d: Stage<C, D>,
    e: Stage<D, E>,
    f: Stage<E, F>,
  ): Pipeline<F>;
  /** Adds seven stages; each takes what the one before it gives. */
  pipe<A, B, C, D, E, F, G>(
    a: Stage<Value, A>,
    b: Stage<A, B>,
    c: Stage<B, C>,
    d: Stage<C, D>,
    e: Stage<D, E>,
    f: Stage<E, F>,
    g: Stage<F, G>,
  ): Pipeline<G>;
  /** Adds stages; each takes what the one before it gives. */
  pipe(...stages: readonly AnyStage[]): Pipeline<unknown> {
    return new Pipeline<unknown>(this.start, [...this.stages, ...stages], this.context, this.runName);
  }

  /**
   * The run as a cold stream: subscribing starts it, unsubscribing cancels it. It completes after the last stage, and ends
   * with the error of the stage that failed.
   */
  get events(): Observable<PipelineEvent> {
    return new Observable((subscriber) => {
      const abort = new AbortController();
      this.execute((event) => subscriber.next(event), abort.signal).then(
        () => subscriber.complete(),
        (error: unknown) => subscriber.error(error),
      );
      return () => abort.abort();
    });
  }

  /** Starts the run and shows its events to a listener; unsubscribing cancels it. */
  subscribe(listener: Partial<Observer<PipelineEvent>> | ((event: PipelineEvent) => void)): Subscription {
    return this.events.subscribe(listener);
  }

  /**
   * Runs to the end and gives the last stage's value. Rejects with the error of the stage that failed, with what `show`
   * throws, and with `CancelledError` once `signal` aborts.
   */
  async run(show: (event: PipelineEvent) => void = () => undefined, signal?: AbortSignal): Promise<Value> {
    return (await this.execute(show, signal)) as Value;
  }

  private async execute(show: (event: PipelineEvent) => void, signal?: AbortSignal): Promise<unknown> {
    const began = performance.now();
    const uses = new Map<string, number>();
    let value = this.start;
    for (const own of this.stages) {
      const use = (uses.get(own.stageName) ?? 0) + 1;
      uses.set(own.stageName, use);
      const stage = use === 1 ? own.stageName : `${own.stageName} ${use}`;
      const stamp = () => ({ run: this.runName, stage, time: Math.round(performance.now() - began) });
      show({ type: 'stage-started', ...stamp() });
      value = await lastValue(own as Stage<unknown, unknown>, value, this.context, signal, (report) =>
        show({ ...report, ...stamp() }),
      );
      show({ type: 'stage-finished', ...stamp() });
    }
    return value;
  }
}

function lastValue(
  own: Stage<unknown, unknown>,
  input: unknown,
  context: StageContext,
  signal: AbortSignal | undefined,
  show: (report: StageReport) => void,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let result: { readonly value: unknown } | undefined;
    const subscription = new Subscription();
    const end = (settle: () => void): void => {
      signal?.removeEventListener('abort', cancel);
      subscription.unsubscribe();
      settle();
    };
    const cancel = (): void => end(() => reject(new CancelledError(own.stageName)));
    if (signal?.aborted === true) {
      cancel();
      return;
    }
    signal?.addEventListener('abort', cancel);
    const events = own(input, context).subscribe({
      next: (event) => {
        if (event.type === 'result') {
          result = event;
          return;
        }
        try {
          show(event);
        } catch (error) {
          // A listener that fails (a full disk under a log, say) fails the run; rxjs would only report it later.
          end(() => reject(asError(error)));
        }
      },
      error: (error: unknown) => end(() => reject(asError(error))),
      complete: () =>
        end(() => {
          if (result !== undefined) resolve(result.value);
          else reject(new InternalError(`stage "${own.stageName}" ended without a result`));
        }),
    });
    subscription.add(events);
  });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error), { cause: error });
}

/** The run was cancelled by its listener. */
export class CancelledError extends Error {
  /** `CancelledError`, also where `instanceof` does not reach. */
  override readonly name = 'CancelledError';

  constructor(stageName: string) {
    super(`cancelled during stage "${stageName}"`);
  }
}
