// What an importance scorer is: which statistics it needs, and how scores follow from them.
import type { Architecture, WeightSpec, Weights } from '../../model/index.js';
import type { Random } from '../../random.js';
import type { Observation } from '../3-calibrate/observation.js';
import type { Statistics } from '../3-calibrate/statistics.js';

/** Importance of what can be removed; higher = keep. Only scores of one list are compared with each other. */
export interface Scores {
  /** Feed-forward neurons of each layer: `[layers][ffn]`. */
  readonly ffn: readonly (readonly number[])[];
  /** Query heads of each layer: `[layers][heads]`. */
  readonly heads: readonly (readonly number[])[];
  /** Key/value heads of each layer: `[layers][kvHeads]`. */
  readonly kvHeads?: readonly (readonly number[])[];
  /** Hidden channels, the same in all layers: `[hidden]`. */
  readonly hidden: readonly number[];
  /** Layers: `[layers]`. */
  readonly layers: readonly number[];
  /** The attention half of each layer: `[layers]`. */
  readonly attention?: readonly number[];
  /** The feed-forward half of each layer: `[layers]`. */
  readonly feedForward?: readonly number[];
}

/** What scores are made from. */
export interface Observed {
  /** What the calibration added up. */
  readonly statistics: Statistics;
  /** Shape of the model. */
  readonly architecture: Architecture;
  /** The names and axes of the weights, in checkpoint order. */
  readonly specs: readonly WeightSpec[];
  /** The weights themselves, read when asked for. */
  readonly weights: Weights;
  /** Fork a stream of your own from it by name. */
  readonly random: Random;
}

/** Turns statistics and weights into importance. Nothing is run: what it needs of a forward pass, it asks for as observations. */
export interface ImportanceScorer {
  /** Name in recipes, kebab-case. */
  readonly name: string;
  /** One line for people: formula and source. */
  readonly summary: string;
  /** The axes that it scores, for advice before anything is run; not known when not given. */
  readonly axes?: readonly (keyof Scores)[];
  /** The statistics it needs of a model of this shape. */
  observe(architecture: Architecture): readonly Observation[];
  /** Scores for the axes it knows, all finite. Throws `InputError` for a statistic that was not calibrated. */
  score(observed: Observed): Partial<Scores> | Promise<Partial<Scores>>;
}
