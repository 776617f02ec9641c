// Training a student as a unit of the run: checkpoints while it works, a Hugging Face folder when it is done.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CancelledError,
  createStrategy,
  distil,
  exportModel,
  initialise,
  loadModel,
  openNewestCheckpoint,
  readRunFile,
  runFiles,
  saveCheckpoint,
  sourceBatches,
  trainingTokens,
  writeJsonFile,
  type Json,
  type Model,
  type TrainingCheckpoint,
  type TrainOptions,
  type WeightedLoss,
} from '@espalier/core';
import { z } from 'zod';
import { commonInputs, runStage, unitContext, type Engine, type EngineStep } from './engine.js';
import type { SourceModel } from './models.js';

/** `distilled` learns from the teacher, `lm-loss` from the text alone, `scratch` likewise but from random weights. */
export type Training = 'distilled' | 'lm-loss' | 'scratch';

/** What a training did; its speed is kept apart. */
const recordSchema = z.strictObject({ steps: z.int(), tokens: z.int(), finalLoss: z.number() });

export interface TrainedModel extends SourceModel {
  readonly tokens: number;
  /** Its Hugging Face folder in the run. */
  readonly folder: string;
}

/** Where a training's checkpoints are while it is not done. */
export const checkpointsFolder = 'checkpoints';

/** Trains the pruned model of a step, from its newest checkpoint where there is one. */
export async function trained(
  engine: Engine,
  step: EngineStep,
  training: Training,
  { source, student }: { readonly source: SourceModel; readonly student: SourceModel },
): Promise<TrainedModel> {
  const { distillation } = step.recipe;
  const name = `${step.name}/${training}`;
  const teacher = distillation.teacher === 'original' ? engine.original : source;
  const tokens = trainingTokens(step.resolved, student.model);
  const { losses: _losses, ...settings } = distillation;
  const inputs: Json = {
    ...commonInputs(engine),
    training,
    student: student.hash,
    teacher: training === 'distilled' ? teacher.hash : null,
    settings: training === 'distilled' ? distillation : settings,
    tokens,
    data: engine.dataHash,
  };
  const unit = await engine.run.unit({
    name: `${name}/distil`,
    inputs,
    async make(folder) {
      const checkpoints = join(engine.run.path, checkpointsFolder, ...name.split('/'));
      const options = { ...trainOptions(engine, step, training, student.model), tokens };
      const state = { teacher: teacher.model, student: beginning(engine, name, training, student.model) };
      const { model, record } = await withCheckpoints(engine, checkpoints, inputs, async (checkpoint) => {
        const done = await runStage(engine, name, distil({ ...options, checkpoint }), state);
        return { model: done.student, record: done.training };
      });
      const { tokensPerSecond, ...rest } = record;
      await exportModel(model, join(folder, 'student'), { overwrite: true });
      await writeJsonFile(join(folder, 'record.json'), rest);
      await writeJsonFile(join(folder, runFiles.measured), { tokensPerSecond });
      await rm(checkpoints, { recursive: true, force: true });
    },
    async load(folder) {
      const { model, close } = await loadModel(join(folder, 'student'), engine.bench.families);
      engine.keepOpen(close);
      return {
        model,
        folder: join(folder, 'student'),
        record: await readRunFile(join(folder, 'record.json'), recordSchema),
      };
    },
  });
  const { model, folder, record } = unit.value;
  return { name, model, folder, hash: unit.hash, tokens: record.tokens };
}

function beginning(engine: Engine, name: string, training: Training, student: Model): Model {
  return training === 'scratch' ? initialise(student, unitContext(engine).random.fork(name)) : student;
}

function trainOptions(
  { data, bench }: Engine,
  { resolved, recipe }: EngineStep,
  training: Training,
  student: Model,
): Omit<TrainOptions, 'tokens'> {
  const { batch, length, accumulate, clipNorm } = recipe.distillation;
  const text: readonly WeightedLoss[] = [{ term: createStrategy(bench.container, 'loss', 'cross-entropy'), weight: 1 }];
  return {
    losses: training === 'distilled' ? resolved.losses : text,
    optimizer: resolved.optimizer,
    schedule: resolved.schedule(student.architecture.sizes.hidden),
    batch,
    length,
    accumulate,
    clipNorm,
    data: sourceBatches(data.source, data.documents('training'), { batch, length }),
  };
}

/** Runs a training with checkpoints in a folder; a request to stop is followed after the step at work, with a checkpoint. */
async function withCheckpoints<Result>(
  engine: Engine,
  folder: string,
  inputs: Json,
  train: (checkpoint: NonNullable<TrainOptions['checkpoint']>) => Promise<Result>,
): Promise<Result> {
  const { everySteps, everyMinutes, keep } = engine.recipe.checkpoints;
  const warn = (message: string): void => void process.stderr.write(`espalier: ${message}\n`);
  const before = await openNewestCheckpoint(folder, inputs, warn);
  let last = performance.now();
  const isDue = (step: number): boolean =>
    everySteps === undefined ? performance.now() - last >= everyMinutes * 60_000 : step % everySteps === 0;
  const save = async (checkpoint: TrainingCheckpoint): Promise<void> => {
    const stopping = engine.stop.requested;
    if (!stopping && !isDue(checkpoint.step)) return;
    await saveCheckpoint(folder, checkpoint, { keep, inputs });
    engine.run.log.sync();
    last = performance.now();
    if (stopping) throw new CancelledError('distil');
  };
  const release = engine.stop.hold();
  try {
    return await train({ every: 1, save, ...(before === undefined ? {} : { resumeFrom: before.training }) });
  } finally {
    release();
    await before?.close();
  }
}
