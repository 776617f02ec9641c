// What the stages of a step hold in memory, each predicted from the programs that it runs.
import {
  calibrateBytes,
  checkMaskedBytes,
  depthBytes,
  PROCESS_BYTES,
  rankingBytes,
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
}

/** Stages of a step that run models, in their order, none of which leaves anything to the next; of the first step those of the first model too. Throws as the stages do, for shapes that they cannot run. */
export function stageMemory(
  { original, from, to }: Shapes,
  { name, step, scorers, depth }: ResolvedStep,
  training: StepBytes,
  evaluation?: PlannedEvaluation,
): readonly StageMemory[] {
  const { samples, batch, length, checkRanking } = step.importance;
  const { batch: rows, length: tokens } = step.distillation;
  const evaluated = (model: ModelShape): RunBytes | undefined => {
    const text = { documents: DOCUMENTS, contextLength: evaluation?.tokens ?? 0 };
    return largest(evaluation?.evaluators.flatMap((own) => own.memory?.(model, text) ?? []) ?? []);
  };
  const student = evaluated(to);
  const observes = scorers.some((own) => own.observe(from.architecture).length > 0);
  const all: readonly (readonly [run: string, stage: string, held: Pick<RunBytes, 'total'> | undefined])[] = [
    ['teacher', 'evaluate', evaluation?.teacher === true && from === original ? evaluated(original) : undefined],
    [name, 'calibrate', observes ? calibrateBytes(from, { scorers, samples }, { batch, length }) : undefined],
    [name, 'score depth', depth && measuredDepth(from, depth, step)],
    [name, 'check ranking', checkRanking ? rankingBytes(from, { batch: rows, length: tokens }) : undefined],
    [name, 'prune', step.checkCut ? checkMaskedBytes(from) : undefined],
    [`${name}/pruned`, 'evaluate', student],
    [`${name}/distilled`, 'distil', training],
    [`${name}/distilled`, 'evaluate', student],
    // Texts are written token by token, for which all weights are at hand; not by a model whose weights stay in their files.
    ['samples', 'samples', runsMapped(original) ? undefined : { total: PROCESS_BYTES + weightBytes(original, 'F32') }],
  ];
  return all.flatMap(([run, stage, held]) => (held === undefined ? [] : [{ run, stage, bytes: held.total }]));
}

function measuredDepth(from: ModelShape, depth: Evaluator, { importance }: CompressionStep): RunBytes | undefined {
  if (importance.depth === undefined) return undefined;
  return depthBytes(from, depth, { documents: importance.depth.documents, contextLength: importance.length });
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
