// What a search strategy is: it finds the shape of a student within a budget. Most need nothing but numbers; some train
// candidates a little and see.
import type { Architecture, Model, ModelShape } from '../../model/index.js';
import type { StageContext, StageTools } from '../../pipeline/index.js';
import type { Scores } from '../4-score/importance-scorer.js';
import type { Budget } from './budget.js';
import type { Trial } from './trial.js';

/** A shape and what it has of the budget's unit. */
export interface Sized {
  /** The shape. */
  readonly architecture: Architecture;
  /** How much it has, in the unit of the budget: parameters, bytes or milliseconds. */
  readonly cost: number;
}

/** A shape that could be the student's. */
export interface Candidate extends Sized {
  /** What it is ranked by before anything is trained; higher = more promising. Comparable within one list only. */
  readonly proxy: number;
}

/** All shapes that a strategy looks at. */
export interface SearchSpace {
  /** How many there are. */
  readonly shapes: number;
  /** How many are within the budget. */
  readonly feasible: number;
  /** The shape of least cost. */
  readonly smallest: Sized;
  /** The shape of most cost. */
  readonly largest: Sized;
  /** The shapes on both sides of the most that the budget allows, where there are any. */
  readonly nearest: readonly Sized[];
}

/** What a strategy that enumerates found. */
export interface Listing {
  /** Where the candidates were found. */
  readonly space: SearchSpace;
  /** Worth a trial, the most promising first; never empty. */
  readonly candidates: readonly Candidate[];
}

interface Described {
  /** Name in recipes, kebab-case. */
  readonly name: string;
  /** One line for people. */
  readonly summary: string;
  /** How far from a number of parameters a shape may be, as a share of it; at most that number when not given. */
  readonly tolerance?: number;
}

/** Chooses by numbers alone; nothing is run. */
export interface ShapeSearch extends Described {
  /** Absent: nothing is trained. */
  readonly trains?: never;
  /**
   * A shape within the budget. Importance scores may help where there are any. Throws `InputError`, naming the nearest amount
   * that works, when it knows none.
   */
  choose(model: ModelShape, budget: Budget, scores?: Partial<Scores>): Architecture;
  /** For a strategy that enumerates: the space and the best of it. Its first candidate is what `choose` gives. Throws alike. */
  list?(model: ModelShape, budget: Budget, scores?: Partial<Scores>): Listing;
}

/** Enumerates by numbers, then trains the candidates a little and chooses by what they learn. */
export interface TrainedSearch extends Described {
  /** Tells it from a search that only counts. */
  readonly trains: true;
  /** What it would choose without training: what a plan shows. */
  choose(model: ModelShape, budget: Budget, scores?: Partial<Scores>): Architecture;
  /** The space, and the shapes worth a trial; its first candidate is what `choose` gives. Throws as `choose`. */
  list(model: ModelShape, budget: Budget, scores?: Partial<Scores>): Listing;
  /** Training tokens of all trials together, for so many candidates. */
  tokens(candidates: number): number;
  /** Times that a candidate is measured on validation text, all together, for so many candidates. */
  measurements(candidates: number): number;
  /** Trains and ranks; the first of the result is chosen. */
  explore(
    candidates: readonly Candidate[],
    source: Model,
    trial: Trial,
    context: StageContext,
    tools: StageTools,
  ): Promise<readonly Ranked[]>;
}

/** A candidate after its trial. */
export interface Ranked extends Candidate {
  /** Training tokens it got. */
  readonly tokens: number;
  /** Mean validation loss in nats per token. */
  readonly loss: number;
  /** Validation loss of each batch: candidates are compared batch by batch. */
  readonly losses: readonly number[];
}

/** What finds the shape of a student. */
export type SearchStrategy = ShapeSearch | TrainedSearch;
