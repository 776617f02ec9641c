// A change of a whole model between stages: quantisation, merging, averaging, whatever a plugin brings.
import { InputError } from '../errors.js';
import type { Model } from '../model/index.js';
import { stage, type Stage, type StageContext, type StageTools } from '../pipeline/index.js';
import { DivergedError } from './7-distil/index.js';
import { rounded } from './rounded.js';

/** Makes another model of a model. */
export interface Transform {
  /** Name in recipes, kebab-case. */
  readonly name: string;
  /** One line for people: what is changed. */
  readonly summary: string;
  /** The changed model; the given one stays as it was. Deterministic for equal models and `context.random`. */
  apply(model: Model, context: StageContext, tools: StageTools): Promise<Model>;
}

/**
 * Puts the changed model in the student's place, its weights rounded to their storage types. Throws `InputError`, naming the
 * transform, for an exception of its own and for weights that are not finite or not of their shape.
 */
export function transformWith<
  State extends {
    /** The model that is changed. */
    readonly student: Model;
  },
>(transform: Transform): Stage<State, State> {
  const asked = `change the model by "${transform.name}"`;
  return stage('transform', async (state: State, context, tools) => {
    try {
      const made = await transform.apply(state.student, context, tools);
      return {
        ...state,
        student: await rounded(
          made,
          (name) => made.weights.read(name),
          () => asked,
        ),
      };
    } catch (cause) {
      if (cause instanceof InputError || cause instanceof DivergedError) throw cause;
      const found = cause instanceof Error ? cause.message : String(cause);
      throw new InputError({ asked, found, fix: 'Correct the transform' }, { cause });
    }
  });
}
