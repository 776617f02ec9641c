// The recipe's subscribers on the one stream of the run. One that fails is told of once and hears no more; the run goes on.
import { InputError, strategies, type PipelineEvent, type RunContainer } from '@espalier/core';
import { catchError, EMPTY, lastValueFrom, merge, Subject, timeout, type Observable } from 'rxjs';
import type { Recipe } from '../recipe/schema.js';
import { strategyNamed } from '../steps/named-strategy.js';

/** Milliseconds that listeners may take to end after the run has. */
const GRACE = 10_000;

/** The stream that they listen to. */
export interface Attached {
  next(event: PipelineEvent): void;
  /** Ends the stream, and waits until all have done with it. */
  complete(): Promise<void>;
}

/** Begins all of them; `warn` hears of one that fails. Throws `InputError` for one that cannot begin. */
export function attachSubscribers(
  { subscribers }: Pick<Recipe, 'subscribers'>,
  container: RunContainer,
  warn: (message: string) => void,
): Attached {
  const events = new Subject<PipelineEvent>();
  const known = strategies(container, 'subscriber');
  const ended = subscribers.map((named) => {
    const { name } = named;
    const who = `subscriber "${name}" of ${known.find((own) => own.name === name)?.plugin ?? 'a plugin'}`;
    const heard = begun(() => strategyNamed(container, 'subscriber', named).listen(events), who, events);
    const last = new Subject<void>();
    const report = (error: unknown): Observable<never> => {
      warn(`${who} failed and is told no more: ${messageOf(error)}`);
      return EMPTY;
    };
    heard.pipe(catchError(report)).subscribe({ complete: () => last.complete() });
    return { who, last };
  });
  return {
    next: (event) => events.next(event),
    async complete() {
      const all = ended.map(({ who, last }) => {
        const late = (): Observable<never> => {
          warn(`${who} is not done ${GRACE / 1000} seconds after the run, and is not waited for any longer`);
          return EMPTY;
        };
        return last.pipe(timeout({ each: GRACE, with: late }));
      });
      const done = lastValueFrom(merge(...all), { defaultValue: undefined });
      events.complete();
      await done;
    },
  };
}

/** What a subscriber listens by; where it cannot begin, the stream ends for those that have begun. */
function begun(begin: () => Observable<unknown>, who: string, events: Subject<PipelineEvent>): Observable<unknown> {
  try {
    return begin();
  } catch (cause) {
    events.complete();
    if (cause instanceof InputError) throw cause;
    const fix = 'Correct the subscriber, or leave it out of subscribers';
    throw new InputError({ asked: `begin ${who}`, found: messageOf(cause), fix }, { cause });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
