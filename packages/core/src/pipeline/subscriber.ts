// What listens to a run from outside: a log, a dashboard, a notifier.
import type { Observable, Unsubscribable } from 'rxjs';
import type { PipelineEvent } from './events.js';

/** A listener to a run that recipes can name. */
export interface Subscriber {
  /** Name in recipes, kebab-case. */
  readonly name: string;
  /** One line for people: where the events go. */
  readonly summary: string;
  /** Begins to listen; the stream is the run's only one, so listening starts nothing. It completes when the run ends. */
  subscribe(events: Observable<PipelineEvent>): Unsubscribable;
}
