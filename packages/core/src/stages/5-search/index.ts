// Stage 5: the shape of the student.
export { describeTarget, isTimed, type ShapeTarget, type Target, type TargetShape } from './target.js';
export { byteCount, parseTarget } from './parse-target.js';
export { checkChoice, chosenScores } from './layer-choice.js';
export { askedParts, checkTargetShape, explicitArchitecture, nearestHeads } from './target-shape.js';
export { computedBudget, type Budget } from './budget.js';
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
export { chooseArchitecture, search, searchWith, type SearchOptions } from './search.js';
