// Fits a stage into a pipeline whose values have another form, under another name. Its events pass through untouched.
import { map, type Observable } from 'rxjs';
import type { StageEvent } from './events.js';
import type { Stage, StageContext } from './stage.js';

/** How a stage from `In` to `Out` is used in a pipeline whose values go from `A` to `B`. */
export interface Fit<A, In, Out, B> {
  /** How the stage is called in events. */
  readonly name: string;
  /** What the stage gets. */
  into(value: A): In;
  /** What goes on, from what came in and what the stage gave. */
  outOf(value: A, result: Out): B;
  /** What the stage may use; the run's own context when not given. */
  context?(context: StageContext): StageContext;
}

/** The stage that `make` gives for a value, between other neighbours. */
export function adapt<A, In, Out, B>(make: (value: A) => Stage<In, Out>, fit: Fit<A, In, Out, B>): Stage<A, B> {
  const run = (value: A, context: StageContext): Observable<StageEvent<B>> =>
    make(value)(fit.into(value), fit.context?.(context) ?? context).pipe(
      map((event): StageEvent<B> =>
        event.type === 'result' ? { ...event, value: fit.outOf(value, event.value) } : event,
      ),
    );
  return Object.assign(run, { stageName: fit.name });
}
