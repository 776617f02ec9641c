// What an evaluator is: a measurement of a model, as plain data.
import type { ModelRunner } from '../../model/index.js';
import type { Json, StageContext, StageTools } from '../../pipeline/index.js';

/** Measures a model that is on the device. */
export interface Evaluator<Result extends Json = Json> {
  /** Unique within a run: the results are stored under it. */
  readonly name: string;
  /** One line for people: what is measured and in which unit. */
  readonly summary: string;
  /** Set where the result depends on the machine and the moment, as a speed does: it is then kept apart from what a run can repeat. */
  readonly timed?: true;
  /** Measures the runner's model, whose weights are already on the device; all evaluators of a model share the runner. */
  evaluate(runner: ModelRunner, context: StageContext, tools: StageTools): Promise<Result>;
}

/** Results by name of the evaluator. */
export type Evaluation = Readonly<Record<string, Json>>;
