// What is said before anything is written or run: lengths past a context, shapes that cannot be reached, folders that are taken.
import {
  axes,
  checkChoice,
  checkEvaluators,
  chosenScores,
  InputError,
  makePlan,
  type ClozeTokens,
  type Architecture,
  type Evaluator,
  type Model,
  type ModelShape,
  type Scores,
} from '@espalier/core';
import { planStep, type PlannedStep } from '../steps/plan-steps.js';
import type { ResolvedStep } from '../steps/resolve-step.js';
import type { PlannedEvaluation } from '../steps/stage-memory.js';
import type { Recipe } from '../recipe/schema.js';
import type { EngineStep } from './engine.js';
import { evaluatedTokens, trainingLengths } from './measure.js';

/** Throws `InputError` for sequences that the model cannot take. */
export function checkLengths(recipe: Recipe, { architecture, folder }: Pick<Model, 'architecture' | 'folder'>): void {
  const lengths = recipe.steps.map(({ importance }) => importance.length);
  const longest = Math.max(...lengths, ...trainingLengths(recipe), evaluatedTokens({ recipe }) - 1);
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

/** Throws `InputError` for evaluators that could not measure these lengths, or two of one name. */
export function checkEvaluation(
  recipe: Recipe,
  evaluators: readonly Evaluator[],
  { contextLength: modelContext }: Architecture,
): void {
  checkEvaluators(evaluators);
  for (const own of evaluators) own.check?.({ contextLength: evaluatedTokens({ recipe }), modelContext });
}

/**
 * The steps as they would be taken, each from the shape that it begins with, and all of them checked as far as shapes tell.
 * Throws `InputError` for a target out of reach, and for what pruners, losses, mappings and balancers cannot do with these shapes.
 */
export function plannedSteps(
  original: ModelShape,
  steps: readonly EngineStep[],
  evaluation?: PlannedEvaluation,
): readonly PlannedStep[] {
  const planned: PlannedStep[] = [];
  for (const { recipe, resolved } of steps) {
    const before = recipe.from === 'model' ? undefined : planned.at(-1);
    const place = { original, from: before?.to ?? original, atMost: before?.atMost === true };
    const own = planStep({ ...place, ...(evaluation && { evaluation }) }, resolved);
    if (own.atMost !== true) checkPlan(own);
    planned.push(own);
  }
  return planned;
}

/** Makes the plan of a step on scores that prefer nothing. Throws `InputError` where its pruner cannot. */
function checkPlan({ name, from: { architecture }, to, resolved }: PlannedStep): void {
  const { pruner, search, target } = resolved;
  const choice = target.kind === 'shape' ? target.choice : undefined;
  const even = knownScores(resolved, architecture);
  const scores = (target.kind === 'shape' ? chosenScores(architecture, target, even) : even) ?? {};
  try {
    const plan = makePlan(pruner, architecture, scores, to.architecture);
    if (choice !== undefined) checkChoice(architecture, choice, plan, pruner.name);
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause;
    const { asked, found, fix } = cause.parts;
    const fits = pruner.search ?? 'proportional-width';
    // The shape is the search's choice, not the user's: it is the search that does not go with the pruner.
    const instead = `Leave the search out, or name "${fits}", which goes with the pruner "${pruner.name}"; or else: ${fix}`;
    const wrong = target.kind !== 'shape' && search.name !== fits;
    throw new InputError({ asked: `${asked} in step "${name}"`, found, fix: wrong ? instead : fix }, { cause });
  }
}

/** Equal scores of all that the scorers of a step score, as far as they say so. */
function knownScores({ scorers, depth }: ResolvedStep, { layers, sizes }: Architecture): Partial<Scores> {
  const told = scorers.flatMap(({ axes: own }) => (own === undefined ? [...axes] : own));
  const known = new Set<keyof Scores>(depth === undefined ? told : [...told, 'layers']);
  const even = (count: number): readonly number[] => Array.from({ length: count }, () => 1);
  const perLayer = (count: number): readonly (readonly number[])[] => even(layers).map(() => even(count));
  const all: Required<Scores> = {
    ffn: perLayer(sizes.ffn),
    heads: perLayer(sizes.heads),
    kvHeads: perLayer(sizes.kvHeads),
    hidden: even(sizes.hidden),
    layers: even(layers),
    attention: even(layers),
    feedForward: even(layers),
  };
  return Object.fromEntries(Object.entries(all).filter(([axis]) => axes.some((own) => own === axis && known.has(own))));
}
