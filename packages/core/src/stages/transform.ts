// A change of a whole model between stages: quantisation, merging, averaging, whatever a plugin brings.
import type { Model } from '../model/index.js';
import type { StageContext, StageTools } from '../pipeline/index.js';

/** Makes another model of a model. */
export interface Transform {
  /** Name in recipes, kebab-case. */
  readonly name: string;
  /** One line for people: what is changed. */
  readonly summary: string;
  /** The changed model; the given one stays as it was. Deterministic for equal models and `context.random`. */
  apply(model: Model, context: StageContext, tools: StageTools): Promise<Model>;
}
