// What a search strategy is: it finds the shape of a student of a given size.
import type { Architecture, ModelShape } from '../../model/index.js';
import type { Target } from './target.js';

export interface SearchStrategy {
  readonly name: string;
  /** One line for people. */
  readonly summary: string;
  /**
   * A shape within the target (`targetParameters`), as near to it as the strategy can get. Throws `InputError`, naming the
   * nearest target that works, when it knows none.
   */
  choose(model: ModelShape, target: Target): Architecture;
}
