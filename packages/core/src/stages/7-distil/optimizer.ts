// What an optimiser and a learning-rate schedule are.
import type { Tensor } from '../../graph/index.js';

type Float = Tensor<'float32'>;

/** What an update sees of one parameter. */
export interface UpdateInputs {
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
  /** Names of the state tensors kept per parameter: parameter-shaped, zero at first. */
  readonly moments: readonly string[];
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
