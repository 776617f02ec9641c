// The recipe's subscribers on the one stream of the run.
import { createStrategy, type PipelineEvent, type RunContainer } from '@espalier/core';
import { Subject } from 'rxjs';
import type { Recipe } from '../recipe/schema.js';

/** The stream that they listen to. Throws `InputError` for one that cannot begin. */
export function attachSubscribers(
  { subscribers }: Pick<Recipe, 'subscribers'>,
  container: RunContainer,
): Pick<Subject<PipelineEvent>, 'next' | 'complete'> {
  const streams = subscribers.map(({ name, options }) => {
    const stream = new Subject<PipelineEvent>();
    createStrategy(container, 'subscriber', name, options).subscribe(stream);
    return { name, stream };
  });
  return {
    next(event) {
      for (const { stream } of streams) stream.next(event);
    },
    complete() {
      for (const { stream } of streams) stream.complete();
    },
  };
}
