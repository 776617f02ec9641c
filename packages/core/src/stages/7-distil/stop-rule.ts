// When a training ends before its tokens are used up.
import type { Observable } from 'rxjs';
import type { MetricEvent } from '../../pipeline/index.js';

/** Says from the metrics of a training that it has learnt enough. */
export interface StopRule {
  /** Name in recipes, kebab-case. */
  readonly name: string;
  /** One line for people: what is waited for. */
  readonly summary: string;
  /** Names of the metrics that it waits for, so that a training which does not measure them is refused; any when not given. */
  readonly metrics?: readonly string[];
  /** The training ends normally at the first value; where none comes, it takes all its tokens. `metrics` are those of one training. */
  when(metrics: Observable<MetricEvent>): Observable<unknown>;
}
