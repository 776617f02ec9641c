// Stage 5: the shape of the student.
export {
  describeTarget,
  isTimed,
  type ComputedTarget,
  type Counted,
  type CountTarget,
  type LayerChoice,
  type MemoryTarget,
  type PrunableSize,
  type ShapeTarget,
  type Target,
  type TargetShape,
  type TimeTarget,
} from './target.js';
export { parseTarget } from './parse-target.js';
export { askedParts, checkTargetShape, explicitArchitecture, nearestHeads } from './target-shape.js';
export { computedBudget, fits, type Budget } from './budget.js';
export type {
  Candidate,
  Listing,
  Ranked,
  SearchSpace,
  SearchStrategy,
  ShapeSearch,
  Sized,
  TrainedSearch,
} from './search-strategy.js';
export { memoryStore, type KeptTrial, type Trial, type TrialStore } from './trial.js';
export { createTimer, type Timer, type TimerOptions, type Timing } from './timer.js';
export { chooseArchitecture, search, searchWith, type SearchOptions } from './search.js';
