// What the stages of a run would compute, each by the tokens that go through its models, so that a plan's time is that of the whole run.
import {
  at,
  forwardFlops,
  runsBackwards,
  trainFlops,
  type Evaluator,
  type EvaluationText,
  type ModelShape,
} from '@espalier/core';
import type { PlannedStep } from './plan-steps.js';
import type { Pretraining } from './pretraining.js';

/** What a stage computes. Reading and writing of files, compiling and single batches are not counted. */
export interface StageWork {
  /** Name of the step; absent for what belongs to none. */
  readonly step?: string;
  /** The row or step that it runs for, and its name, as events have them. */
  readonly run: string;
  readonly stage: string;
  /** Tokens that models read or write, padding and repetition included. */
  readonly tokens: number;
  /** In FLOPs; matrix products only. */
  readonly flops: number;
  /** Set where the tokens are written one after another. */
  readonly writes?: true;
}

/** What is known of the text. */
export interface PlannedText {
  /** What models are measured on. */
  readonly evaluation: Required<EvaluationText>;
  /** Share of the training text that the first model writes. */
  readonly written: number;
}

/** What is to be done. */
export interface WorkRequest {
  readonly original: ModelShape;
  readonly planned: readonly PlannedStep[];
  /** Trainings that each step is compared with, in the order of the steps. */
  readonly comparisons: readonly (readonly string[])[];
  readonly pretraining?: Pretraining | undefined;
  readonly evaluators: readonly Evaluator[];
  /** Whether the first model is measured as well. */
  readonly teacher: boolean;
  readonly text: PlannedText;
}

/** Rounds in which models are timed. */
const ROUNDS = 3;
/** Batches on which rankings are compared, and how many rankings. */
const [BATCHES, RANKINGS] = [4, 3];

/** The stages that compute, in their order. */
export function plannedWork(request: WorkRequest): readonly StageWork[] {
  const { original, planned, comparisons, pretraining, evaluators, text } = request;
  const measured = request.teacher || pretraining !== undefined;
  const all = [
    ...(pretraining === undefined ? [] : pretrainingWork(original, pretraining, text)),
    ...(measured ? evaluations('teacher', original, { evaluators, text }) : []),
    ...planned.flatMap((step, index) =>
      stepWork(step, planned.slice(0, index), { evaluators, text, compare: at(comparisons, index) }),
    ),
    ...speedWork(request, measured),
    ...writingWork(request),
  ];
  return all.filter(({ tokens }) => tokens > 0);
}

type Measuring = Pick<WorkRequest, 'evaluators' | 'text'>;
type Compared = Measuring & { readonly compare: readonly string[] };

function stepWork(
  step: PlannedStep,
  before: readonly PlannedStep[],
  { compare, ...judged }: Compared,
): readonly StageWork[] {
  const { name, from, to, teacher, tokens, correctionTokens, flops: trained, resolved } = step;
  const { importance, distillation } = resolved.step;
  const { length } = distillation;
  const corrected = correctionTokens * trainFlops(teacher, length);
  const stage = (own: string, count: number, flops: number, run = name): StageWork => ({
    step: name,
    run,
    stage: own,
    tokens: count,
    flops,
  });
  const validation = validations(step, judged.text);
  const own = [
    stage('correct', correctionTokens, corrected, `${name}/teacher`),
    ...(before.some((other) => sharesCalibration(other, step)) ? [] : [calibration(step, 1, from, 'calibrate')]),
    ...searchWork(step, judged.text),
    depthWork(step, judged.text),
    importance.checkRanking ? ranking(step, judged.text) : undefined,
    importance.rounds > 1 ? calibration(step, importance.rounds, from, 'prune iteratively') : undefined,
    ...evaluations(`${name}/pruned`, to, judged, name),
    stage(
      'distil',
      tokens + validation,
      trained - corrected + validation * (forwardFlops(to, length) + taughtFlops(step)),
      `${name}/distilled`,
    ),
    ...evaluations(`${name}/distilled`, to, judged, name),
    ...compare.flatMap((training) => [
      stage(
        'distil',
        tokens + validation,
        tokens * trainFlops(to, length) + validation * forwardFlops(to, length),
        `${name}/${training}`,
      ),
      ...evaluations(`${name}/${training}`, to, judged, name),
    ]),
  ];
  return own.filter((work) => work !== undefined);
}

/** Whether an earlier step has calibrated alike: of the first model only, as later ones are not the same until they are there. */
function sharesCalibration(earlier: PlannedStep, step: PlannedStep): boolean {
  const asked = ({ resolved }: PlannedStep): string => {
    const { depth: _depth, ...importance } = resolved.step.importance;
    return JSON.stringify([importance, resolved.step.distillation.correction ?? null]);
  };
  return earlier.from === step.from && asked(earlier) === asked(step);
}

function calibration(step: PlannedStep, times: number, model: ModelShape, stage: string): StageWork {
  const { samples, batch, length } = step.resolved.step.importance;
  const observed = step.resolved.scorers.flatMap((own) => own.observe(model.architecture));
  const count = observed.length === 0 ? 0 : times * Math.ceil(samples / batch) * batch * length;
  // Backwards to what flows through the model, not to its weights.
  const passes = runsBackwards(model, observed) ? 2 : 1;
  return {
    step: step.name,
    run: step.name,
    stage,
    tokens: count,
    flops: count * passes * forwardFlops(model, length),
  };
}

/** Candidates are of about the same size: which of them go on is not known, and hardly matters. */
function searchWork(step: PlannedStep, text: PlannedText): readonly StageWork[] {
  const { search: planned, name, from, resolved } = step;
  const { search } = resolved;
  if (planned === undefined || search.trains !== true) return [];
  const { length } = resolved.step.distillation;
  const shapes = planned.candidates.map(({ architecture }) => ({ family: from.family, architecture }));
  const forward = mean(shapes.map((own) => forwardFlops(own, length)));
  const measured = search.measurements(planned.candidates.length) * validationTokens(step, text);
  const flops = planned.tokens * (3 * forward + taughtFlops(step)) + measured * forward;
  return [{ step: name, run: name, stage: 'search', tokens: planned.tokens + measured, flops }];
}

function depthWork(step: PlannedStep, { evaluation }: PlannedText): StageWork | undefined {
  const { name, from, to, resolved } = step;
  const { depth } = resolved;
  const { depth: asked, length } = resolved.step.importance;
  const { layers } = from.architecture;
  const gone = layers - to.architecture.layers;
  if (depth === undefined || asked === undefined || gone <= 0) return undefined;
  const tried = 1 + (asked.blocks ? layers - gone + 1 : layers);
  const once = measuring([depth], from, { ...repeated(evaluation, asked.documents), contextLength: length });
  return { step: name, run: name, stage: 'score depth', tokens: tried * once.tokens, flops: tried * once.flops };
}

function ranking(step: PlannedStep, text: PlannedText): StageWork {
  const { batch, length } = step.resolved.step.distillation;
  const tokens = RANKINGS * Math.min(BATCHES * batch * length, validationTokens(step, text));
  const flops = tokens * forwardFlops(step.from, length);
  return { step: step.name, run: step.name, stage: 'check ranking', tokens, flops };
}

/** Forward operations of the teacher beside a token of the student; 0 where the losses read none. */
function taughtFlops({ teacher, resolved }: PlannedStep): number {
  return resolved.losses.some(({ term }) => term.needsTeacher)
    ? forwardFlops(teacher, resolved.step.distillation.length)
    : 0;
}

/** Tokens of the text that is held back, in batches of the training's size. */
function validationTokens({ resolved }: PlannedStep, { evaluation: { documents } }: PlannedText): number {
  const { batch, length } = resolved.step.distillation;
  return Math.ceil(documents.length / batch) * batch * length;
}

/** Tokens that a training is measured on while it goes on. */
function validations(step: PlannedStep, text: PlannedText): number {
  const { validateEvery: every, batch, length, accumulate } = step.resolved.step.distillation;
  if (every === undefined) return 0;
  return Math.ceil(Math.ceil(step.tokens / (batch * length * accumulate)) / every) * validationTokens(step, text);
}

function evaluations(
  run: string,
  model: ModelShape,
  { evaluators, text: { evaluation } }: Measuring,
  step?: string,
): readonly StageWork[] {
  const own = evaluators.filter(({ timed, applies }) => timed !== true && (applies?.(evaluation) ?? true));
  return [{ ...(step === undefined ? {} : { step }), run, stage: 'evaluate', ...measuring(own, model, evaluation) }];
}

/** Each shape is timed once, in several rounds. */
function speedWork({ original, planned, evaluators, text }: WorkRequest, measured: boolean): readonly StageWork[] {
  const models = [...(measured ? [original] : []), ...planned.map(({ to }) => to)];
  const shapes = new Map(models.map((own) => [JSON.stringify(own.architecture), own])).values();
  const timed = evaluators.filter((own) => own.timed === true);
  const once = total([...shapes].map((own) => measuring(timed, own, text.evaluation)));
  return [{ run: 'speed', stage: 'speed', tokens: ROUNDS * once.tokens, flops: ROUNDS * once.flops }];
}

/** What is held back, what the longest training reads, as all share it, and what each calibration reads. */
function writingWork({ original, planned, text: { written, evaluation } }: WorkRequest): readonly StageWork[] {
  if (written === 0) return [];
  const [trained, calibrated] = [
    planned.map((own) => Math.max(own.tokens, own.correctionTokens)),
    planned.map(({ resolved }) => resolved.step.importance.samples * resolved.step.importance.length),
  ];
  const held = evaluation.documents.reduce((sum, { length }) => sum + length, 0);
  const tokens = held + written * (Math.max(0, ...trained) + calibrated.reduce((a, b) => a + b, 0));
  const length = Math.max(...planned.map(({ resolved }) => resolved.step.distillation.length));
  const flops = tokens * forwardFlops(original, length);
  return [{ run: 'teacher', stage: 'write the text', tokens: Math.round(tokens), flops, writes: true }];
}

function pretrainingWork(model: ModelShape, own: Pretraining, { evaluation }: PlannedText): readonly StageWork[] {
  const { tokens, batch, length, accumulate, validateEvery: every } = own;
  const held = Math.ceil(evaluation.documents.length / batch) * batch * length;
  const times = every === undefined ? 0 : Math.ceil(Math.ceil(tokens / (batch * length * accumulate)) / every);
  const flops = tokens * trainFlops(model, length) + times * held * forwardFlops(model, length);
  return [{ run: 'pretrained', stage: 'pretrain', tokens: tokens + times * held, flops }];
}

type Computed = Pick<StageWork, 'tokens' | 'flops'>;

/** What evaluators compute with a model. */
function measuring(evaluators: readonly Evaluator[], model: ModelShape, text: Required<EvaluationText>): Computed {
  const length = Math.min(text.contextLength, model.architecture.contextLength);
  const whole = text.documents.reduce((sum, document) => sum + Math.min(document.length, length), 0);
  return total(
    evaluators.map((own) => {
      const read = own.reads?.(model, text) ?? { tokens: whole, length };
      return { tokens: read.tokens, flops: read.tokens * forwardFlops(model, read.length) };
    }),
  );
}

function total(all: readonly Computed[]): Computed {
  return all.reduce((a, b) => ({ tokens: a.tokens + b.tokens, flops: a.flops + b.flops }), { tokens: 0, flops: 0 });
}

/** So many documents as long as those that are known. */
function repeated(text: Required<EvaluationText>, count: number): Required<EvaluationText> {
  const { documents } = text;
  if (documents.length === 0) return text;
  const all = Array.from({ length: Math.ceil(count / documents.length) }, () => documents).flat();
  return { ...text, documents: all.slice(0, count) };
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);
}
