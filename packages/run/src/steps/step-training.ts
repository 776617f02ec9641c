// How a step trains, from its strategies and its numbers: the student, the candidates of a search, and the teacher's correction.
import {
  byteCount,
  modelParameters,
  type CorrectionOptions,
  type Model,
  type TrainOptions,
  type TrainStepOptions,
  type Trial,
} from '@espalier/core';
import type { PlannedStep } from './plan-steps.js';
import type { ResolvedStep } from './resolve-step.js';
import type { CompressionStep } from './step-schema.js';

type BatchSettings = Pick<
  CompressionStep['distillation'],
  'batch' | 'length' | 'crossDocumentAttention' | 'accumulate' | 'clipNorm' | 'precision'
>;
type Memory = Pick<TrainOptions, 'memory'>;

/** What every training of a step, its correction and a pretraining share. */
export function batchSettings(
  own: BatchSettings & Pick<CompressionStep['distillation'], 'memory'>,
): BatchSettings & Memory {
  const { batch, length, crossDocumentAttention, accumulate, clipNorm, precision } = own;
  const memory = own.memory === undefined ? undefined : byteCount(own.memory);
  return {
    batch,
    length,
    crossDocumentAttention,
    accumulate,
    clipNorm,
    precision,
    ...(memory === undefined ? {} : { memory }),
  };
}

type Sized = Pick<Model, 'family' | 'architecture'>;

/** Training tokens of a student: `tokens` where the step gives them, else ⌈`tokensPerParameter` · all its parameters⌉. */
export function trainingTokens({ step }: ResolvedStep, student: Sized): number {
  const { tokens, tokensPerParameter } = step.distillation;
  return tokens ?? Math.ceil(tokensPerParameter * modelParameters(student).parameters);
}

/** Tokens that a teacher is corrected on before the step; 0 where it is not, or learns while it teaches. */
export function correctionTokens({ step }: ResolvedStep, teacher: Sized): number {
  const { correction } = step.distillation;
  if (correction?.when !== 'before') return 0;
  return correction.tokens ?? Math.ceil(correction.tokensPerParameter * modelParameters(teacher).parameters);
}

/** What the distillation of a step and the trials of its search have in common, whatever text they read. */
export function stepTraining({
  step,
  losses,
  balancer,
  mapping,
  optimizer,
}: ResolvedStep): Omit<Trial['training'], 'correction'> {
  return {
    losses,
    ...(balancer === undefined ? {} : { balancer }),
    ...(mapping === undefined ? {} : { mapping }),
    optimizer,
    ...batchSettings(step.distillation),
  };
}

/** What fixes the program of a step's training: shapes, losses, a teacher that they read, and a correction in the same steps. */
export function trainStep({
  resolved,
  to: student,
  teacher,
}: Pick<PlannedStep, 'resolved' | 'to' | 'teacher'>): TrainStepOptions {
  const { correction, optimizer, step } = resolved;
  const { clipNorm } = step.distillation;
  const { accumulate: _accumulate, memory: _memory, ...training } = stepTraining(resolved);
  const meanwhile = correction !== undefined && step.distillation.correction?.when === 'meanwhile';
  const reads = meanwhile || training.losses.some(({ term }) => term.needsTeacher);
  return {
    ...training,
    clipNorm,
    student,
    ...(reads ? { teacher } : {}),
    ...(meanwhile ? { correction: { losses: correction.losses, optimizer, clipNorm } } : {}),
  };
}

/** The same of the teacher's correction before the step; undefined where there is none. */
export function correctionStep(
  { correction, optimizer, step }: ResolvedStep,
  teacher: Sized,
): TrainStepOptions | undefined {
  if (correction === undefined || step.distillation.correction?.when !== 'before') return undefined;
  const { accumulate: _accumulate, memory: _memory, ...batch } = batchSettings(step.distillation);
  return { ...batch, student: teacher, losses: correction.losses, optimizer };
}

/**
 * The distillation of a student; with `teacher`, for a correction in the same steps. `validation` gives the text that the step's
 * `validateEvery` is measured on, the same at each call; without it nothing is.
 */
export function distillationOptions(
  own: ResolvedStep,
  { student, teacher }: { readonly student: Sized; readonly teacher: Sized },
  data: TrainOptions['data'],
  validation?: () => TrainOptions['data'],
): TrainOptions {
  const { correction, optimizer, step } = own;
  const { clipNorm, validateEvery: every } = step.distillation;
  const meanwhile =
    correction === undefined || step.distillation.correction?.when !== 'meanwhile'
      ? undefined
      : { losses: correction.losses, schedule: correction.schedule(hiddenOf(teacher)), optimizer, clipNorm };
  return {
    ...stepTraining(own),
    schedule: own.schedule(hiddenOf(student)),
    tokens: trainingTokens(own, student),
    data,
    ...(meanwhile === undefined ? {} : { correction: meanwhile }),
    ...(own.stop === undefined ? {} : { stop: own.stop }),
    ...(every === undefined || validation === undefined ? {} : { evaluation: { every, data: validation } }),
  };
}

/** The correction of a teacher before the step; throws `RangeError` for a step without one. */
export function correctionOptions(own: ResolvedStep, teacher: Sized, data: TrainOptions['data']): CorrectionOptions {
  const { correction, optimizer, step } = own;
  if (correction === undefined) throw new RangeError(`step "${own.name}" does not correct its teacher`);
  return {
    losses: correction.losses,
    optimizer,
    schedule: correction.schedule(hiddenOf(teacher)),
    tokens: correctionTokens(own, teacher),
    ...batchSettings(step.distillation),
    data,
  };
}

function hiddenOf({ architecture }: Sized): number {
  return architecture.sizes.hidden;
}
