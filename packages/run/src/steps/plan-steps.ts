// What steps would do and cost, before a weight is read: shapes, tokens, work, memory, and the facts that advice is given on.
import {
  chooseArchitecture,
  computedBudget,
  fitMemory,
  forwardFlops,
  isTimed,
  modelParameters,
  stepBytes,
  trainFlops,
  type Candidate,
  type ModelShape,
  type SearchSpace,
  type StepBytes,
  type WeightedLoss,
} from '@espalier/core';
import type { LossKind, PlanFacts, ShapeFacts, StepFacts } from '../advisor/facts.js';
import type { ResolvedStep } from './resolve-step.js';
import { stageMemory, type PlannedEvaluation, type StageMemory } from './stage-memory.js';
import { batchSettings, correctionStep, correctionTokens, trainingTokens, trainStep } from './step-training.js';

/** What one step would do and take, before anything is run. */
export interface PlannedStep {
  /** Name of the step, unique among them. */
  readonly name: string;
  /** Shape of the source. */
  readonly from: ModelShape;
  /** Shape of the student, by numbers alone: a search that trains may choose another. */
  readonly to: ModelShape;
  /** Set where the shape has to be measured first, or that of the step before it: `to` is then the largest that it could be. */
  readonly atMost?: true;
  /** Whose distributions are learnt. */
  readonly teacher: ModelShape;
  /** What the search looks through, for a strategy that enumerates. */
  readonly search?: PlannedSearch;
  /** Training tokens after the search. */
  readonly tokens: number;
  /** Tokens that the teacher is corrected on before the step. */
  readonly correctionTokens: number;
  /** Operations of the whole training and of the teacher's correction, in FLOPs; matrix products only. */
  readonly flops: number;
  /** Memory of one training step, in bytes, as its program says: of the student or of the teacher before it, whichever takes more. */
  readonly memory: StepBytes;
  /** Memory of every stage that runs a model, training among them, in their order. */
  readonly stages: readonly StageMemory[];
  /** The step itself, with its strategies. */
  readonly resolved: ResolvedStep;
}

/** What a search that enumerates would look through. */
export interface PlannedSearch {
  /** All shapes that it looks at. */
  readonly space: SearchSpace;
  /** Shapes that go on from the space. */
  readonly candidates: readonly Candidate[];
  /** Training tokens of all trials together; 0 for a search that does not train. */
  readonly tokens: number;
}

/** Where a step begins. */
export interface StepPlace {
  /** The first model of all. */
  readonly original: ModelShape;
  /** What is cut. */
  readonly from: ModelShape;
  /** Whether that is the largest that it could be, as nobody has measured yet. */
  readonly atMost?: boolean;
  /** How models are measured; they are not when not given. */
  readonly evaluation?: PlannedEvaluation;
}

/**
 * One step from a shape. A target in time has to be measured: what is counted then is the largest student that there could be.
 * Throws `InputError` for a target that the step cannot reach, for losses that do not go with the shapes, and where a training
 * cannot keep to the memory that the step gives it.
 */
export function planStep({ original, from, atMost = false, evaluation }: StepPlace, own: ResolvedStep): PlannedStep {
  const { length, teacher, correction } = own.step.distillation;
  const unknown = atMost || isTimed(own.target);
  const to = unknown ? from : { family: from.family, architecture: chooseArchitecture(own.search, from, own.target) };
  const looked = atMost ? undefined : plannedSearch(from, own);
  const tokens = trainingTokens(own, to);
  const taught = teacher === 'original' ? original : from;
  const corrected = correctionTokens(own, taught);
  const reads = own.losses.some(({ term }) => term.needsTeacher) ? forwardFlops(taught, length) : 0;
  const memory = stepMemory(to, taught, own, unknown);
  const teaches = correction?.when === 'meanwhile' ? trainFlops(taught, length) : reads;
  return {
    name: own.name,
    from,
    to,
    ...(unknown ? { atMost: true } : {}),
    teacher: taught,
    ...(looked === undefined ? {} : { search: looked }),
    tokens,
    correctionTokens: corrected,
    flops: tokens * (trainFlops(to, length) + teaches) + corrected * trainFlops(taught, length),
    memory,
    stages: stageMemory({ original, from, to }, own, memory, evaluation),
    resolved: own,
  };
}

/** A shape that is not known yet is not held to the memory that is given. */
function stepMemory(to: ModelShape, teacher: ModelShape, resolved: ResolvedStep, unknown: boolean): StepBytes {
  const { memory, accumulate } = batchSettings(resolved.step.distillation);
  const correction = correctionStep(resolved, teacher);
  const all = [trainStep({ resolved, to, teacher }), ...(correction === undefined ? [] : [correction])].map(
    (options) =>
      memory === undefined || unknown ? stepBytes(options, accumulate) : fitMemory(options, memory, accumulate).bytes,
  );
  return all.reduce((a, b) => (b.total > a.total ? b : a));
}

function plannedSearch(from: ModelShape, { search, target }: ResolvedStep): PlannedSearch | undefined {
  if (search.list === undefined || target.kind === 'shape' || isTimed(target)) return undefined;
  const { space, candidates } = search.list(from, computedBudget(from, target, search.tolerance));
  return { space, candidates, tokens: search.trains === true ? search.tokens(candidates.length) : 0 };
}

/** What only a recipe knows of its text and its models. */
type Background = Omit<PlanFacts, 'steps'> & Pick<StepFacts, 'textLikePretraining'>;

/** What the advisor is told; `background` adds what no step says, e.g. whether the text is like that of pretraining. */
export function planFacts(steps: readonly PlannedStep[], { textLikePretraining, ...rest }: Background = {}): PlanFacts {
  const text = textLikePretraining === undefined ? {} : { textLikePretraining };
  return { ...rest, steps: steps.map((step) => ({ ...stepFacts(step), ...text })) };
}

function stepFacts({ name, from, to, search, resolved }: PlannedStep): StepFacts {
  const { importance, distillation } = resolved.step;
  const layerScorer = resolved.scorers.find(({ axes = [] }) => axes.includes('layers'))?.name;
  const aggregation = aggregationOf(resolved);
  return {
    name,
    from: shapeFacts(from),
    to: shapeFacts(to),
    start: 'pruned',
    losses: resolved.losses.map(lossKind),
    ...(aggregation === undefined ? {} : { aggregation }),
    ...(layerScorer === undefined ? {} : { layerScorer }),
    importanceRounds: importance.rounds,
    teacherCorrected: distillation.correction !== undefined,
    ...(search === undefined
      ? {}
      : { candidates: { count: search.candidates.length, trained: resolved.search.trains === true } }),
  };
}

/** The aggregation that a scorer's options name, `batch-sequence`. */
function aggregationOf({ step }: ResolvedStep): StepFacts['aggregation'] {
  const names = step.importance.scorers.map((own) => own['aggregation']);
  const [, batch, sequence] =
    /^([a-z0-9]+)-([a-z0-9]+)$/.exec(names.find((own) => typeof own === 'string') ?? '') ?? [];
  return batch === undefined || sequence === undefined ? undefined : { batch, sequence };
}

function shapeFacts(model: ModelShape): ShapeFacts {
  const { layers, sizes } = model.architecture;
  const { hidden, ffn, heads } = sizes;
  return { parameters: modelParameters(model).parameters, layers, hidden, ffn, heads };
}

function lossKind({ term }: WeightedLoss): LossKind {
  if (!term.needsTeacher) return 'language-model';
  return term.needs === undefined || term.needs.length === 0 ? 'logits' : 'intermediate';
}
