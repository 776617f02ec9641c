// Stage 5: the shape of the student.
export { describeTarget, grouped, parseTarget, type PrunableSize, type Target, type TargetShape } from './target.js';
export { checkTargetShape, explicitArchitecture, targetParameters } from './target-shape.js';
export type { SearchStrategy } from './search-strategy.js';
export { chooseArchitecture, search } from './search.js';
