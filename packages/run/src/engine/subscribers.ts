// The recipe's subscribers on the one stream of the run. One that fails is told of once and hears no more; the run goes on.
import { AsyncLocalStorage } from 'node:async_hooks';
import { createStrategy, InputError, strategies, type PipelineEvent, type RunContainer } from '@espalier/core';
import { config, Subject } from 'rxjs';
import type { Recipe } from '../recipe/schema.js';

/** A subscriber at work. */
interface Attached {
  readonly stream: Subject<PipelineEvent>;
  failed: boolean;
  /** Tells of its first failure. */
  fail(error: unknown): void;
}

/** Whose turn it is: rxjs and Node report what a listener throws later, when nothing else tells whose it was. */
const listening = new AsyncLocalStorage<Attached>();

/** The stream that they listen to; `warn` hears of one that fails. Throws `InputError` for one that cannot begin. */
export function attachSubscribers(
  { subscribers }: Pick<Recipe, 'subscribers'>,
  container: RunContainer,
  warn: (message: string) => void,
): Pick<Subject<PipelineEvent>, 'next' | 'complete'> {
  const known = strategies(container, 'subscriber');
  const attached = subscribers.map(({ name, options }): Attached => {
    const plugin = known.find((own) => own.name === name)?.plugin ?? 'a plugin';
    const own: Attached = {
      stream: new Subject(),
      failed: false,
      fail(error) {
        if (own.failed) return;
        own.failed = true;
        warn(`subscriber "${name}" of ${plugin} failed and is told no more: ${messageOf(error)}`);
      },
    };
    const made = createStrategy(container, 'subscriber', name, options);
    try {
      listening.run(own, () => made.subscribe(own.stream));
    } catch (cause) {
      if (cause instanceof InputError) throw cause;
      const fix = 'Correct the subscriber, or leave it out of subscribers';
      throw new InputError(
        { asked: `begin subscriber "${name}" of ${plugin}`, found: messageOf(cause), fix },
        { cause },
      );
    }
    return own;
  });
  const before = config.onUnhandledError;
  config.onUnhandledError = (error: unknown) => {
    const own = listening.getStore();
    if (own !== undefined) return own.fail(error);
    if (before === null) throw error;
    before(error);
  };
  // Stays when the run has ended, since what a listener awaits may fail later; there is one, however many runs there were.
  process.off('unhandledRejection', rejected).on('unhandledRejection', rejected);
  const each = (tell: (stream: Subject<PipelineEvent>) => void): void => {
    for (const own of attached) if (!own.failed) listening.run(own, () => tell(own.stream));
  };
  return {
    next: (event) => each((stream) => stream.next(event)),
    complete() {
      each((stream) => stream.complete());
      // What was thrown just now is reported in the next turn of the event loop.
      setTimeout(() => (config.onUnhandledError = before), 0);
    },
  };
}

/** A listener that is an async function fails by a rejection that nobody awaits; all others end the process, as they would without us. */
function rejected(reason: unknown): void {
  const own = listening.getStore();
  if (own !== undefined) return own.fail(reason);
  if (process.listenerCount('unhandledRejection') === 1) throw reason;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
