// What the stages of a step hold in memory, each predicted from the programs that it runs.
import {
  calibrateBytes,
  checkMaskedBytes,
  depthBytes,
  PROCESS_BYTES,
  rankingBytes,
  runsLayered,
  runsMapped,
  weightBytes,
  type Evaluator,
  type ModelShape,
  type RunBytes,
  type StepBytes,
} from '@espalier/core';
import type { ResolvedStep } from './resolve-step.js';
import type { CompressionStep } from './step-schema.js';

/** What models are measured by, as far as it is known before the text is read. */
export interface PlannedEvaluation {
  readonly evaluators: readonly Evaluator[];
  /** First tokens of each document that are looked at. */
  readonly tokens: number;
  /** Whether the first model of all is measured too. */
  readonly teacher: boolean;
}

/** What a stage takes at its worst moment. */
export interface StageMemory {
  /** The row or step that it runs for, as events name it. */
  readonly run: string;
  readonly stage: string;
  /** Of the process, in bytes. */
  readonly bytes: number;
}

/** Documents that are taken to be measured on: as many as an evaluator puts in a batch at most. */
const DOCUMENTS = 16;

interface Shapes {
  readonly original: ModelShape;
  readonly from: ModelShape;
  readonly to: ModelShape;
  readonly teacher: ModelShape;
}

/** What a stage holds of its own, but for what it finds in memory. */
interface Held extends Pick<RunBytes, 'state' | 'values'> {
  /** Part of the state that is JavaScript's: it stays until memory is short, which the next stage may be the first to find. */
  readonly left: number;
}

/** Stages of a step that run models, in their order; of the first step those of the first model too. Throws as the stages do, for shapes that they cannot run. */
export function stageMemory(
  { original, from, to, teacher }: Shapes,
  { name, step, scorers, depth }: ResolvedStep,
  training: StepBytes,
  evaluation?: PlannedEvaluation,
): readonly StageMemory[] {
  const { samples, batch, length, checkRanking } = step.importance;
  const { batch: rows, length: tokens } = step.distillation;
  const evaluated = (model: ModelShape): Held | undefined => {
    const text = { documents: DOCUMENTS, contextLength: evaluation?.tokens ?? 0 };
    return heldOf(model, largest(evaluation?.evaluators.flatMap((own) => own.memory?.(model, text) ?? []) ?? []));
  };
  const student = evaluated(to);
  const observes = scorers.some((own) => own.observe(from.architecture).length > 0);
  const left = training.state + (runsLayered(teacher) ? 0 : training.teacher);
  const trained = { state: training.state + training.teacher, values: training.values, left };
  const all: readonly (readonly [run: string, stage: string, held: Held | undefined])[] = [
    ['teacher', 'evaluate', evaluation?.teacher === true && from === original ? evaluated(original) : undefined],
    [
      name,
      'calibrate',
      observes ? heldOf(from, calibrateBytes(from, { scorers, samples }, { batch, length })) : undefined,
    ],
    [name, 'score depth', heldOf(from, depth && measuredDepth(from, depth, step))],
    [
      name,
      'check ranking',
      checkRanking ? heldOf(from, rankingBytes(from, { batch: rows, length: tokens })) : undefined,
    ],
    [name, 'prune', step.checkCut ? cutCheck(from, to) : undefined],
    [`${name}/pruned`, 'evaluate', student],
    [`${name}/distilled`, 'distil', trained],
    [`${name}/distilled`, 'evaluate', student],
    // Texts are written token by token, for which all weights are at hand; not by a model whose weights stay in their files.
    [
      'samples',
      'samples',
      runsMapped(original) ? undefined : { state: weightBytes(original, 'F32'), values: 0, left: 0 },
    ],
  ];
  let found = 0;
  return all.flatMap(([run, stage, held]) => {
    if (held === undefined) return [];
    const bytes = PROCESS_BYTES + Math.max(found, held.state) + held.values;
    found = held.left;
    return [{ run, stage, bytes }];
  });
}

function heldOf(model: ModelShape, bytes: RunBytes | undefined): Held | undefined {
  return bytes && { ...bytes, left: runsLayered(model) ? 0 : bytes.state };
}

function measuredDepth(from: ModelShape, depth: Evaluator, { importance }: CompressionStep): RunBytes | undefined {
  if (importance.depth === undefined) return undefined;
  return depthBytes(from, depth, { documents: importance.depth.documents, contextLength: importance.length });
}

/** The masked model, and then the cut one beside what the masked one leaves. */
function cutCheck(from: ModelShape, to: ModelShape): Held {
  const masked = checkMaskedBytes(from);
  const [before, after] = [runsLayered(from) ? 0 : masked.state, runsLayered(to) ? 0 : weightBytes(to, 'F32')];
  const left = Math.max(before, after);
  const first = masked.state + masked.values > before + after;
  return first ? { ...masked, left } : { state: before + after, values: 0, left };
}

/** The stage that takes most; undefined where there is none. */
export function largestStage(stages: readonly StageMemory[]): StageMemory | undefined {
  return largestOf(stages, ({ bytes }) => bytes);
}

function largest(all: readonly RunBytes[]): RunBytes | undefined {
  return largestOf(all, ({ total }) => total);
}

function largestOf<Own>(all: readonly Own[], bytes: (own: Own) => number): Own | undefined {
  return all.reduce<Own | undefined>(
    (most, own) => (most === undefined || bytes(own) > bytes(most) ? own : most),
    undefined,
  );
}
