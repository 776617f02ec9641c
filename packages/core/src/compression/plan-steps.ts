// What steps would do and cost, before a weight is read: shapes, tokens, work, memory, and the facts that advice is given on.
import type { LossKind, PlanFacts, ShapeFacts, StepFacts } from '../advisor/index.js';
import { modelParameters, trainFlops, trainingBytes, type TrainingBytes } from '../cost/index.js';
import type { ModelShape } from '../model/index.js';
import { chooseArchitecture } from '../stages/5-search/index.js';
import type { WeightedLoss } from '../stages/7-distil/index.js';
import { trainingTokens } from './compress.js';
import type { ResolvedStep } from './resolve-step.js';

export interface PlannedStep {
  readonly name: string;
  readonly from: ModelShape;
  readonly to: ModelShape;
  /** Training tokens. */
  readonly tokens: number;
  /** Operations of the whole training, teacher included; matrix products only. */
  readonly flops: number;
  /** Memory of one training step. */
  readonly memory: TrainingBytes;
  readonly resolved: ResolvedStep;
}

/**
 * The steps one after another, each from the shape that the one before it leaves. Throws `InputError` for a target that a step
 * cannot reach. A search that measures or trains is asked for what it would choose without.
 */
export function planSteps(original: ModelShape, steps: readonly ResolvedStep[]): readonly PlannedStep[] {
  return steps.reduce<readonly PlannedStep[]>((planned, own) => {
    const from = planned.at(-1)?.to ?? original;
    return [...planned, planStep(original, from, own)];
  }, []);
}

function planStep(original: ModelShape, from: ModelShape, own: ResolvedStep): PlannedStep {
  const { batch, length, accumulate, teacher } = own.step.distillation;
  const to = { family: from.family, architecture: chooseArchitecture(own.search, from, own.target) };
  const tokens = trainingTokens(own, to);
  const needsTeacher = own.losses.some(({ term }) => term.needsTeacher);
  const taught = teacher === 'original' ? original : from;
  const setup = { batch, length, accumulate: accumulate > 1, moments: own.optimizer.moments.length };
  return {
    name: own.name,
    from,
    to,
    tokens,
    flops: tokens * trainFlops(to, length, needsTeacher ? taught : undefined),
    memory: trainingBytes(to, needsTeacher ? { ...setup, teacher: taught } : setup),
    resolved: own,
  };
}

/** What the advisor is told; `more` adds what only the recipe knows, e.g. whether the text is like that of pretraining. */
export function planFacts(steps: readonly PlannedStep[], more: Omit<PlanFacts, 'steps'> = {}): PlanFacts {
  return { ...more, steps: steps.map(stepFacts) };
}

function stepFacts({ name, from, to, resolved }: PlannedStep): StepFacts {
  return { name, from: shapeFacts(from), to: shapeFacts(to), start: 'pruned', losses: resolved.losses.map(lossKind) };
}

function shapeFacts(model: ModelShape): ShapeFacts {
  const { layers, sizes } = model.architecture;
  const { hidden, ffn, heads } = sizes;
  return { parameters: modelParameters(model).parameters, layers, hidden, ffn, heads };
}

function lossKind({ term }: WeightedLoss): LossKind {
  return term.needsTeacher ? 'logits' : 'language-model';
}
