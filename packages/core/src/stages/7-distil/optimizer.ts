// What an optimiser and a learning-rate schedule are.
import type { Tensor } from '../../graph/index.js';
import type { WeightSpec } from '../../model/index.js';

type Float = Tensor<'float32'>;

/** What a parameter is: a weight of the model, or one of the projection between widths (`projection/weight`, `projection/bias`). */
export type TrainedWeight = Pick<WeightSpec, 'name' | 'kind' | 'layer'>;

/** What an update sees of one parameter. */
export interface UpdateInputs {
  /** Which one it is. */
  readonly weight: TrainedWeight;
  /** Its present values. */
  readonly parameter: Float;
  /** Same shape as the parameter, already clipped. */
  readonly gradient: Float;
  /** The optimiser's own tensors for this parameter, by the names in `moments`. */
  readonly moments: Readonly<Record<string, Float>>;
  /** The numbers of `scalars`, fed at every step, as scalars. */
  readonly scalars: Readonly<Record<string, Float>>;
  /** Whether weight decay applies: true for matrices and embeddings, false for norms and biases. */
  readonly decay: boolean;
}

/** A graph function from parameter and gradient to the next parameter. */
export interface Optimizer {
  /** Name in recipes, kebab-case. */
  readonly name: string;
  /** One line for people: formula and source. */
  readonly summary: string;
  /** Names of the state tensors kept per parameter: parameter-shaped, zero at first but for `result`. */
  readonly moments: readonly string[];
  /**
   * Factor of the learning rate for a parameter, 1 when not given: `scalars` is asked for its rate. A parameter of factor 0 is frozen: it has no
   * gradient, no moments and no update.
   */
  rate?(weight: TrainedWeight): number;
  /**
   * The one of `moments` that a training gives, and measures on validation text, in place of the last values, such as their mean: it
   * begins as the parameter. The last values when not given.
   */
  readonly result?: string;
  /** Numbers the update needs at a step (1-based), computed on the host in float64. */
  scalars(step: number, learningRate: number): Readonly<Record<string, number>>;
  /** The step of one parameter; all results have its shape. */
  update(inputs: UpdateInputs): {
    /** Its next values. */
    readonly parameter: Float;
    /** The next values of the tensors in `moments`, by their names. */
    readonly moments: Readonly<Record<string, Float>>;
  };
}

/** The learning rate of a step (0-based) out of `steps`. */
export type Schedule = (step: number, steps: number) => number;
