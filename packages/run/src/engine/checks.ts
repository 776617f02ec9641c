// What is said before anything is written or run: lengths past a context, shapes that cannot be reached, folders that are taken.
import {
  InputError,
  isTimed,
  makePlan,
  chooseArchitecture,
  type ClozeTokens,
  type Architecture,
  type Model,
  type ModelShape,
  type Scores,
} from '@espalier/core';
import { planStep, type PlannedStep } from '../steps/plan-steps.js';
import type { Recipe } from '../recipe/schema.js';
import type { EngineStep } from './engine.js';
import { evaluatedTokens } from './measure.js';

/** Throws `InputError` for sequences that the model cannot take. */
export function checkLengths(recipe: Recipe, { architecture, folder }: Pick<Model, 'architecture' | 'folder'>): void {
  const lengths = recipe.steps.flatMap(({ importance, distillation }) => [importance.length, distillation.length]);
  const longest = Math.max(...lengths, evaluatedTokens({ recipe }) - 1);
  if (longest <= architecture.contextLength) return;
  throw new InputError({
    asked: `use sequences of ${longest} tokens with model "${folder}"`,
    found: `its context is ${architecture.contextLength} tokens`,
    fix: 'Give lengths within it (--length and --max-tokens; in a recipe length of importance and distillation, and maxTokens)',
  });
}

/** Throws `InputError` for a step that measures its layers by an evaluator which has nothing to measure on this text. */
export function checkDepth(steps: readonly EngineStep[], items: readonly ClozeTokens[]): void {
  for (const { name, resolved, recipe } of steps) {
    const { depth } = resolved;
    if (depth?.applies?.({ documents: [], items, contextLength: recipe.importance.length }) ?? true) continue;
    throw new InputError({
      asked: `measure the layers of step "${name}" by ${depth?.name ?? 'an evaluator'}`,
      found: 'the data has nothing for it, such as cloze questions',
      fix: 'Use perplexity, or evaluation data that has questions, such as tinytales',
    });
  }
}

/** The steps as they would be taken, each from the shape that it begins with. Throws `InputError` for a target out of reach. */
export function plannedSteps(original: ModelShape, steps: readonly EngineStep[]): readonly PlannedStep[] {
  const planned: PlannedStep[] = [];
  for (const [index, { recipe, resolved }] of steps.entries()) {
    const from = index === 0 || recipe.from === 'model' ? original : (planned.at(-1)?.to ?? original);
    planned.push(planStep(original, from, resolved));
  }
  return planned;
}

/** Makes a plan for every step on scores that prefer nothing. Throws `InputError` where a pruner cannot. */
export function checkPlans(original: ModelShape, steps: readonly EngineStep[]): void {
  let previous = original;
  for (const [index, { recipe, resolved }] of steps.entries()) {
    const from = index === 0 || recipe.from === 'model' ? original : previous;
    if (isTimed(resolved.target)) return; // has to be measured
    const architecture = chooseArchitecture(resolved.search, from, resolved.target);
    makePlan(resolved.pruner, from.architecture, evenScores(from.architecture), architecture);
    previous = { family: from.family, architecture };
  }
}

function evenScores({ layers, sizes }: Architecture): Scores {
  const even = (count: number): readonly number[] => Array.from({ length: count }, () => 1);
  const perLayer = (count: number): readonly (readonly number[])[] => even(layers).map(() => even(count));
  return {
    ffn: perLayer(sizes.ffn),
    heads: perLayer(sizes.heads),
    hidden: even(sizes.hidden),
    layers: even(layers),
    attention: even(layers),
    feedForward: even(layers),
  };
}
