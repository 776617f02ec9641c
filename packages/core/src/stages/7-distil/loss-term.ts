// What a loss term is: a graph function of what the models say about a batch.
import type { Tensor } from '../../graph/index.js';
import type { Architecture, TapName } from '../../model/index.js';

type Float = Tensor<'float32'>;

/**
 * States of a model that a loss may compare: `embedding`, `blockOutput`, `ffnNorm` (the input of the feed-forward block) and
 * `attentionAdded` (what attention adds to the residual stream) are `[N, hidden]`; `queries` is `[N, heads·headDim]`, `keys` and
 * `values` are `[N, kvHeads·headDim]`, before rotation by position.
 */
export type StateName = Extract<
  TapName,
  'embedding' | 'blockOutput' | 'ffnNorm' | 'attentionAdded' | 'queries' | 'keys' | 'values'
>;

/** The states whose width is the hidden size: the student's come at the teacher's width, through the shared projection. */
export const hiddenStates: readonly StateName[] = ['embedding', 'blockOutput', 'ffnNorm', 'attentionAdded'];

/** What a loss may look at in one model. */
export interface ModelOutputs<Needs extends StateName = StateName> {
  /** `[N, V]` */
  readonly logits: Float;
  /** A state that the term lists in `needs`, of the layer at hand; throws `RangeError` for another one. */
  state(name: Needs): Float;
  /** Query heads of a layer. */
  readonly heads: number;
  /** Key/value heads of a layer. */
  readonly kvHeads: number;
}

/** The largest logits of each row, in descending order. */
export interface TopLogits {
  /** `[N, K]` */
  readonly values: Float;
  /** Their tokens: `int32 [N, K]`. */
  readonly ids: Tensor<'int32'>;
}

/** What a loss may look at in the teacher. */
export interface TeacherOutputs<Needs extends StateName = StateName> extends ModelOutputs<Needs> {
  /** The `count` largest logits of each row. */
  top(count: number): TopLogits;
}

/** The N = B·T rows of a batch. */
export interface BatchRows {
  /** Token that follows each row: `int32 [N]`. */
  readonly targets: Tensor<'int32'>;
  /** 1 for rows that count, 0 for padding and prompt: `[N]`. */
  readonly weights: Float;
  /** B sequences … */
  readonly batch: number;
  /** … of T tokens. */
  readonly length: number;
}

/** Numbers that change from step to step, such as those of a curriculum. */
export interface StepScalars {
  /** The numbers at a step (0-based) of so many, always the same names; the graph has them as scalars. None when not given. */
  scalars?(step: number, steps: number): Readonly<Record<string, number>>;
}

/** What a loss or a balancer may know of its training. */
export interface LossContext {
  /** Shape of the model that learns. */
  readonly student: Architecture;
  /** Shape of the model that is learnt from; absent where there is none. */
  readonly teacher?: Architecture;
  /** The numbers of the strategy's own `scalars` at the step, each a scalar. */
  readonly scalars: Readonly<Record<string, Float>>;
}

interface Described extends StepScalars {
  /**
   * Whether the value of a row depends on other rows. Else a term that looks at logits alone is given some rows of a large batch at a
   * time, whole sequences or parts of one, and the mean taken over their weights.
   */
  readonly acrossRows?: boolean;
  /** Name in recipes and in metrics (`loss/<name>`), kebab-case. */
  readonly name: string;
  /** One line for people: formula and direction. */
  readonly summary: string;
}

/** A loss that compares student and teacher; gradient flows to the student only. */
export interface DistillationLoss<Needs extends StateName = StateName> extends Described {
  /** Tells it from a loss on the text alone. */
  readonly needsTeacher: true;
  /** States that are compared, none when not given. The term is applied to every pair of layers of the mapping, and the mean taken. */
  readonly needs?: readonly Needs[];
  /** A scalar: mean over the rows' weights (see `rowMean`). */
  loss(student: ModelOutputs<Needs>, teacher: TeacherOutputs<Needs>, batch: BatchRows, context: LossContext): Float;
}

/** A loss that needs no teacher. */
export interface DataLoss extends Described {
  /** Tells it from a loss that compares. */
  readonly needsTeacher: false;
  /** A scalar: mean over the rows' weights (see `rowMean`). */
  loss(student: Pick<ModelOutputs, 'logits'>, batch: BatchRows, context: LossContext): Float;
}

/** A term of the training loss. */
export type LossTerm = DistillationLoss | DataLoss;

/** A term and its factor in the total. */
export interface WeightedLoss<Term extends LossTerm = LossTerm> {
  /** The loss. */
  readonly term: Term;
  /** Factor of its value. */
  readonly weight: number;
}
