// What an evaluator is: a measurement of a model, as plain data. What it measures on is the run's to say, the same for all.
import type { RunBytes } from '../../cost/index.js';
import type { ClozeTokens } from '../../data/index.js';
import type { ModelRunner, ModelShape, TextCodec } from '../../model/index.js';
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

/** What is known of an evaluation before there are text and weights. */
export interface EvaluationLengths {
  /** First tokens of each document that are looked at. */
  readonly contextLength: number;
  /** Tokens that the model can take at once. */
  readonly modelContext: number;
}

/** What is known of a text before it is read. */
export interface EvaluationSize {
  /** Documents that are measured on; as many as fill a batch, where nobody knows. */
  readonly documents: number;
  /** First tokens of each document that are looked at: all are taken to be as long. */
  readonly contextLength: number;
}

/** What a measurement makes a model read. */
export interface EvaluationReading {
  /** All together, what sequences are filled up with included. */
  readonly tokens: number;
  /** Tokens of a sequence. */
  readonly length: number;
}

/** How one number of an evaluator's result is shown. */
export interface Measure {
  /** For people, short; the member's name when not given. */
  readonly label?: string;
  /** What counts as good; a number that is neither is shown and never compared. */
  readonly better?: 'lower' | 'higher';
  /** `share`: of 1, as per cent; `count`: in thousands and millions; a plain number when not given. */
  readonly form?: 'share' | 'count';
  /** Digits after the point of a plain number; 4 when not given. */
  readonly digits?: number;
  /** Member that holds its 95% interval, `[low, high]`; null there means that there is too little text to say. */
  readonly interval?: string;
  /** Member that holds what a guess comes to. */
  readonly chance?: string;
  /** Member that holds how many questions a share is of. */
  readonly n?: string;
}

/** Measures a model that is on the device. */
export interface Evaluator<Result extends Json = Json> {
  /** Unique within a run: the results are stored under it. */
  readonly name: string;
  /** One line for people: what is measured and in which unit. */
  readonly summary: string;
  /** Set where the result depends on the machine and the moment, as a speed does: it is then kept apart from what a run can repeat. */
  readonly timed?: true;
  /** Throws `InputError` for lengths that it could not measure: what is wrong is then said before anything is spent. */
  check?(lengths: EvaluationLengths): void;
  /** Bytes of a process that measures a model of this shape on such a text; not counted where it is not given. */
  memory?(model: ModelShape, text: EvaluationSize): RunBytes;
  /** What a model of this shape reads to be measured on this text; of each document what is looked at when not given. */
  reads?(model: ModelShape, text: Required<EvaluationText>): EvaluationReading;
  /** Whether there is something to measure: false leaves it out of the run, e.g. without questions. There always is when not given. */
  applies?(context: Pick<EvaluationContext, keyof EvaluationText>): boolean;
  /** What the user should know of how this text is measured on, a line each: what is cut off, how little it is; nothing when not given. */
  notices?(text: Required<EvaluationText>): readonly string[];
  /** Measures the runner's model, whose weights are already on the device; all evaluators of a model share the runner. */
  evaluate(runner: ModelRunner, context: EvaluationContext, tools: StageTools): Promise<Result>;
  /** The numbers of the result that tables and reports show, by member, in order; every number at its top when not given. */
  readonly measures?: Readonly<Record<string, Measure>>;
  /**
   * One number out of the result, finite, lower is better. With it, the evaluator can say what layers are worth by leaving them
   * out (`measureDepth`).
   */
  objective?(result: Result): number;
}

/** Results by name of the evaluator. */
export type Evaluation = Readonly<Record<string, Json>>;
