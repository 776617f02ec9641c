// Training a student as a unit of the run: checkpoints while it works, a Hugging Face folder when it is done.
import { join } from 'node:path';
import {
  at,
  CancelledError,
  correctTeacher,
  createStrategy,
  distil,
  initialise,
  padded,
  sourceBatches,
  type Json,
  type Model,
  type TrainingCheckpoint,
  type TrainingRecord,
  type TrainOptions,
} from '@espalier/core';
import { batchSettings, correctionOptions, distillationOptions, trainingTokens } from '../steps/step-training.js';
import { z } from 'zod';
import {
  keepNewestCheckpoint,
  openNewestCheckpoint,
  saveCheckpoint,
  type OpenCheckpoint,
} from '../folder/checkpoints.js';
import { runFiles } from '../folder/run-folder.js';
import { readRunFile, removeWhole, writeJsonFile } from '../folder/small-files.js';
import { lastRow } from './continue.js';
import { commonInputs, notice, runStage, unitContext, type Engine, type EngineStep } from './engine.js';
import type { SourceModel, TrainedModel } from './models.js';
import { passesEvent } from './notices.js';
import { checkpointsFolder } from './run-record.js';
import { inFolder } from './transform.js';

/** `distilled` learns from the teacher, `lm-loss` from the text alone, `scratch` likewise but from random weights. */
export type Training = 'distilled' | 'lm-loss' | 'scratch';

/** What a training was, as `record.json` holds it. */
export const recordSchema = z.strictObject({ steps: z.int(), tokens: z.int(), finalLoss: z.number() });
/** How fast it was, as `measured.json` holds it. */
export const speedSchema = z.strictObject({ tokensPerSecond: z.number() });

/** Trains the pruned model of a step, from its newest checkpoint where there is one; by as many tokens as the step says, or as are given. */
export async function trained(
  engine: Engine,
  step: EngineStep,
  training: Training,
  { teacher, student }: { readonly teacher: SourceModel; readonly student: SourceModel },
  first: number = trainingTokens(step.resolved, student.model),
): Promise<TrainedModel> {
  const { distillation } = step.recipe;
  const name = `${step.name}/${training}`;
  const { losses: _losses, ...settings } = distillation;
  const totals = totalsOf(engine, name, first);
  const tokens = at(totals, -1);
  const inputs = {
    ...commonInputs(engine),
    training,
    student: student.hash,
    teacher: training === 'distilled' ? teacher.hash : null,
    settings: training === 'distilled' ? distillation : settings,
    data: engine.dataHash,
  };
  const state = { teacher: teacher.model, student: beginning(engine, name, training, student.model) };
  const options = { ...trainOptions(engine, step, training, state), tokens };
  const size = engine.data.tokens;
  if (size !== undefined && training === 'distilled') engine.tell(passesEvent(step.name, tokens, size));
  return trainingUnit(engine, { name, stage: 'distil', inputs, totals }, async (checkpoint) => {
    const stored = checkpoint === undefined ? options : { ...options, checkpoint };
    const done = await runStage(engine, name, distil(stored), state);
    return { model: done.student, record: done.training };
  });
}

/** The teacher as its correction before the step leaves it; the step must ask for one. */
export async function correctedTeacher(engine: Engine, step: EngineStep, teacher: SourceModel): Promise<SourceModel> {
  const name = `${step.name}/teacher`;
  const { correction = null, optimizer } = step.recipe.distillation;
  const settings = { correction, optimizer, ...batchSettings(step.recipe.distillation) };
  const inputs: Json = { ...commonInputs(engine), teacher: teacher.hash, settings, data: engine.dataHash };
  const options = correctionOptions(step.resolved, teacher.model, trainingText(engine, step));
  return trainingUnit(engine, { name, stage: 'correct', inputs }, async (checkpoint) => {
    const stored = checkpoint === undefined ? options : { ...options, checkpoint };
    const done = await runStage(engine, name, correctTeacher(stored), { teacher: teacher.model });
    return { model: done.teacher, record: done.correction };
  });
}

type Checkpointing = NonNullable<TrainOptions['checkpoint']>;

interface Trained {
  readonly model: Model;
  readonly record: TrainingRecord;
}

interface TrainingUnit {
  readonly name: string;
  readonly stage: string;
  readonly inputs: { readonly [name: string]: Json };
  /** Tokens in all, the first time and at each continuation. */
  readonly totals?: readonly number[];
}

/** Tokens of a row in all: those it was begun for, and those of each time that the run was continued. */
export function totalsOf({ continued }: Engine, row: string, first: number): readonly number[] {
  return [first, ...continued.filter((own) => own.row === row).map(({ to }) => to)];
}

/** A training as a unit, with checkpoints where the run has a folder. */
export async function trainingUnit(
  engine: Engine,
  { name, stage, inputs: own, totals = [] }: TrainingUnit,
  train: (checkpoint: Checkpointing | undefined) => Promise<Trained>,
): Promise<TrainedModel> {
  const { folder: run } = engine.units;
  const student = inFolder(engine);
  // The newest inputs first: a checkpoint of the tokens before is where a continuation begins.
  const [inputs = own, ...earlier] = totals.map((tokens) => ({ ...own, tokens })).toReversed();
  const keepLast = engine.recipe.checkpoints.keepLast && name === lastRow(engine);
  const checkpoints = run === undefined ? undefined : join(run, checkpointsFolder, ...name.split('/'));
  const unit = await engine.units.do<Trained>({
    name: `${name}/${stage}`,
    inputs,
    make: () =>
      checkpoints === undefined
        ? train(undefined)
        : withCheckpoints(engine, checkpoints, { inputs: [inputs, ...earlier], keepLast }, train),
    async save({ model, record: { tokensPerSecond, ...rest } }, folder) {
      await student.save(model, folder);
      await writeJsonFile(join(folder, 'record.json'), rest);
      await writeJsonFile(join(folder, runFiles.measured), { tokensPerSecond });
      if (checkpoints === undefined) return;
      if (keepLast) await keepNewestCheckpoint(checkpoints);
      else await removeWhole(checkpoints);
    },
    async load(folder) {
      const model = await student.load(folder);
      const record = await readRunFile(join(folder, 'record.json'), recordSchema);
      return { model, record: { ...record, ...(await readRunFile(join(folder, runFiles.measured), speedSchema)) } };
    },
  });
  const { model, record } = unit.value;
  return { name, model, hash: unit.hash, tokens: record.tokens };
}

function beginning(engine: Engine, name: string, training: Training, student: Model): Model {
  return training === 'scratch' ? initialise(student, unitContext(engine).random.fork(name)) : student;
}

function trainOptions(
  engine: Engine,
  step: EngineStep,
  training: Training,
  models: { readonly teacher: Model; readonly student: Model },
): TrainOptions {
  const { batch, length } = step.recipe.distillation;
  const validation = () => padded(engine.validation, { batch, length });
  const options = distillationOptions(step.resolved, models, trainingText(engine, step), validation);
  if (training === 'distilled') return options;
  // Retraining by the text alone, for a given number of tokens: what compares with a teacher, balances it or ends it falls away.
  const { balancer: _balancer, mapping: _mapping, correction: _correction, stop: _stop, ...rest } = options;
  return { ...rest, losses: [{ term: createStrategy(engine.bench.container, 'loss', 'cross-entropy'), weight: 1 }] };
}

function trainingText({ data }: Engine, { recipe }: EngineStep): TrainOptions['data'] {
  return sourceBatches(data.source, data.documents('training'), recipe.distillation);
}

/** Runs a training with checkpoints in a folder; a request to stop is followed after the step at work, with a checkpoint. */
async function withCheckpoints(
  engine: Engine,
  folder: string,
  {
    inputs: [inputs, ...earlier],
    keepLast,
  }: { readonly inputs: readonly [Json, ...Json[]]; readonly keepLast: boolean },
  train: (checkpoint: Checkpointing) => Promise<Trained>,
): Promise<Trained> {
  const { everySteps, everyMinutes, keep } = engine.recipe.checkpoints;
  let before: OpenCheckpoint | undefined;
  for (const own of [inputs, ...earlier])
    before ??= await openNewestCheckpoint(folder, own, (message) => engine.tell(notice(message)));
  let last = performance.now();
  const isDue = (step: number): boolean =>
    everySteps === undefined ? performance.now() - last >= everyMinutes * 60_000 : step % everySteps === 0;
  const every = (step: number, ends: boolean): boolean => engine.stop.requested || isDue(step) || (keepLast && ends);
  const save = async (checkpoint: TrainingCheckpoint): Promise<void> => {
    await engine.units.check();
    await saveCheckpoint(folder, checkpoint, { keep, inputs });
    engine.units.sync();
    last = performance.now();
    if (engine.stop.requested) throw new CancelledError('distil');
  };
  const release = engine.stop.hold();
  try {
    return await train({ every, save, ...(before === undefined ? {} : { resumeFrom: before.training }) });
  } finally {
    release();
    await before?.close();
  }
}
