// A model trained from random weights, as plain data and as the options of its training: what a recipe may begin with in place of
// a model that is there. Its keys are those of a distillation, as far as they make sense without a teacher.
import {
  createStrategy,
  stepBytes,
  trainFlops,
  type Architecture,
  type ModelShape,
  type RunContainer,
  type StepBytes,
  type TrainOptions,
  type TrainStepOptions,
} from '@espalier/core';
import { z } from 'zod';
import { strategyNamed } from './named-strategy.js';
import { studentSchedule } from './resolve-step.js';
import { distillation } from './step-schema.js';
import { batchSettings } from './step-training.js';

const keys = distillation.shape;

export const pretrainingSchema = z.strictObject({
  config: z.record(z.string(), z.json()).describe('config.json of the model, in the spelling of Hugging Face'),
  tokenizer: z.string().min(1).optional().describe('Folder with tokenizer.json; that of TinyTales when not given'),
  storage: z.literal(['F32', 'F16', 'BF16']).default('F32').describe('What its weights are stored as'),
  tokens: z.int().positive().describe('Training tokens'),
  batch: keys.batch.describe('Sequences in a batch'),
  length: keys.length.describe('Tokens of a sequence'),
  crossDocumentAttention: keys.crossDocumentAttention.describe(
    'Whether tokens see the documents before their own in a packed sequence',
  ),
  accumulate: keys.accumulate.describe('Batches that make a step'),
  clipNorm: keys.clipNorm.describe('Gradients are scaled down to this global L2 norm; 0 turns clipping off'),
  precision: keys.precision.describe('What products are computed in; float16 is for GPUs that have it'),
  validateEvery: keys.validateEvery.describe(
    'Steps between measurements on text that is not trained on; never when not given',
  ),
  optimizer: keys.optimizer.describe('The optimiser; AdamW when not given'),
  schedule: keys.schedule.describe(
    'Learning rates; cosine from 0.3 / hidden size with 20 steps of warm-up when not given',
  ),
});

/** How a model is trained from random weights, every default filled in. */
export type Pretraining = z.infer<typeof pretrainingSchema>;

/** What fixes the program of the training. */
export function pretrainStep(own: Pretraining, student: ModelShape, container: RunContainer): TrainStepOptions {
  const { accumulate: _accumulate, ...batch } = batchSettings(own);
  return {
    ...batch,
    student,
    losses: [{ term: createStrategy(container, 'loss', 'cross-entropy'), weight: 1 }],
    optimizer: strategyNamed(container, 'optimizer', own.optimizer),
  };
}

/** The training as core takes it, on the loss of the text alone. `validation` gives the text for `validateEvery`. */
export function pretrainingOptions(
  own: Pretraining,
  { sizes }: Architecture,
  container: RunContainer,
  { data, validation }: { readonly data: TrainOptions['data']; readonly validation: () => TrainOptions['data'] },
): TrainOptions {
  const { tokens, validateEvery: every } = own;
  return {
    losses: [{ term: createStrategy(container, 'loss', 'cross-entropy'), weight: 1 }],
    optimizer: strategyNamed(container, 'optimizer', own.optimizer),
    schedule: studentSchedule(own.schedule, container)(sizes.hidden),
    tokens,
    ...batchSettings(own),
    data,
    ...(every === undefined ? {} : { evaluation: { every, data: validation } }),
  };
}

/** What a pretraining would take. */
export interface PlannedPretraining {
  readonly tokens: number;
  /** Operations, in FLOPs; matrix products only. */
  readonly flops: number;
  /** Of one training step. */
  readonly memory: StepBytes;
}

/** The same before anything is run. */
export function plannedPretraining(model: ModelShape, own: Pretraining, container: RunContainer): PlannedPretraining {
  const { tokens, length, accumulate } = own;
  return {
    tokens,
    flops: tokens * trainFlops(model, length),
    memory: stepBytes(pretrainStep(own, model, container), accumulate),
  };
}
