// What listens to a run from outside: a log, a dashboard, a notifier.
import type { Observable } from 'rxjs';
import type { PipelineEvent } from './events.js';

/** A listener to a run that recipes can name. */
export interface Subscriber {
  /** Name in recipes, kebab-case. */
  readonly name: string;
  /** One line for people: where the events go. */
  readonly summary: string;
  /**
   * What is done with the run's events, as operators on its one stream (`events.pipe(tap(…))`, `concatMap` for what takes a
   * while). The run subscribes to it; an error in it is told of once and ends the listening, not the run. The stream completes
   * when the run ends, and the run waits a little for the listener to complete after it.
   */
  listen(events: Observable<PipelineEvent>): Observable<unknown>;
}
