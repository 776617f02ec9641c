// The recipe's subscribers on the one stream of the run. One that fails is told of once and hears no more; the run goes on.
import { AsyncLocalStorage } from 'node:async_hooks';
import { createStrategy, strategies, type PipelineEvent, type RunContainer } from '@espalier/core';
import { config, Subject } from 'rxjs';
import type { Recipe } from '../recipe/schema.js';

/** A subscriber at work. */
interface Attached {
  readonly name: string;
  readonly stream: Subject<PipelineEvent>;
  failed: boolean;
}

/** Whose turn it is: rxjs reports what a listener throws later, when nothing else tells whose it was. */
const listening = new AsyncLocalStorage<Attached>();

/** The stream that they listen to; `warn` hears of one that fails. Throws `InputError` for one that cannot begin. */
export function attachSubscribers(
  { subscribers }: Pick<Recipe, 'subscribers'>,
  container: RunContainer,
  warn: (message: string) => void,
): Pick<Subject<PipelineEvent>, 'next' | 'complete'> {
  const known = strategies(container, 'subscriber');
  const attached = subscribers.map(({ name, options }): Attached => {
    const stream = new Subject<PipelineEvent>();
    const own = { name, stream, failed: false };
    listening.run(own, () => createStrategy(container, 'subscriber', name, options).subscribe(stream));
    return own;
  });
  const before = config.onUnhandledError;
  config.onUnhandledError = (error: unknown) => {
    const own = listening.getStore();
    if (own === undefined) {
      if (before === null) throw error;
      return before(error);
    }
    if (own.failed) return;
    own.failed = true;
    const plugin = known.find(({ name }) => name === own.name)?.plugin ?? 'a plugin';
    const reason = error instanceof Error ? error.message : String(error);
    warn(`subscriber "${own.name}" of ${plugin} failed and is told no more: ${reason}`);
  };
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
