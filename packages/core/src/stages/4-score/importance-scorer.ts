// What an importance scorer is: which statistics it needs, and how scores follow from them.
import type { Architecture } from '../../model/index.js';
import type { Observation } from '../3-calibrate/observation.js';
import type { Statistics } from '../3-calibrate/statistics.js';

/** Importance of what can be removed; higher = keep. Only scores of one list are compared with each other. */
export interface Scores {
  /** Feed-forward neurons of each layer. */
  readonly ffn: readonly (readonly number[])[];
  /** Query heads of each layer. */
  readonly heads: readonly (readonly number[])[];
  /** Hidden channels, the same in all layers. */
  readonly hidden: readonly number[];
  /** Layers. */
  readonly layers: readonly number[];
}

export interface ImportanceScorer {
  readonly name: string;
  /** One line for people: formula and source. */
  readonly summary: string;
  /** The statistics it needs of a model of this shape; keys begin with the scorer's name. */
  observe(architecture: Architecture): readonly Observation[];
  /** Scores for the axes it knows. */
  score(statistics: Statistics, architecture: Architecture): Partial<Scores>;
}
