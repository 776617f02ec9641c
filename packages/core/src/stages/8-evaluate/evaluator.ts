// What an evaluator is: a measurement of a model, as plain data. What it measures on is the run's to say, the same for all.
import type { ClozeTokens } from '../../data/index.js';
import type { ModelRunner, TextCodec } from '../../model/index.js';
import type { Json, StageContext, StageTools } from '../../pipeline/index.js';

/** The text and the questions that models are measured on. */
export interface EvaluationText {
  /** Token ids of held-out documents, each beginning with the token that begins a text where the model has one. */
  readonly documents: readonly (readonly number[])[];
  /** Questions; none when not given. */
  readonly items?: readonly ClozeTokens[];
  /** First tokens of each document that are looked at, 2 at least; the model's context when not given. */
  readonly contextLength?: number;
}

/** What every evaluator of a run is given, whoever wrote it. */
export interface EvaluationContext extends StageContext, Required<EvaluationText> {
  /** Between text and the ids of the documents. */
  readonly tokenizer: TextCodec;
}

/** Measures a model that is on the device. */
export interface Evaluator<Result extends Json = Json> {
  /** Unique within a run: the results are stored under it. */
  readonly name: string;
  /** One line for people: what is measured and in which unit. */
  readonly summary: string;
  /** Set where the result depends on the machine and the moment, as a speed does: it is then kept apart from what a run can repeat. */
  readonly timed?: true;
  /** Whether there is something to measure: false leaves it out of the run, e.g. without questions. There always is when not given. */
  applies?(context: Pick<EvaluationContext, keyof EvaluationText>): boolean;
  /** Measures the runner's model, whose weights are already on the device; all evaluators of a model share the runner. */
  evaluate(runner: ModelRunner, context: EvaluationContext, tools: StageTools): Promise<Result>;
  /**
   * One number out of the result, finite, lower is better. With it, the evaluator can say what layers are worth by leaving them
   * out (`measureDepth`).
   */
  objective?(result: Result): number;
}

/** Results by name of the evaluator. */
export type Evaluation = Readonly<Record<string, Json>>;
