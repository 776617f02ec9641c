// Runs training steps: loads weights into device state once, feeds batches, reads the student back at the end.
import { hostFloats, hostIntegers, hostNumber, type DeviceState, type HostTensors } from '../../backend/index.js';
import type { TokenBatch, TokenBatches } from '../../data/index.js';
import { InputError } from '../../errors.js';
import { decode, encode } from '../../formats/index.js';
import { memoryWeights, writeWeights, type Model } from '../../model/index.js';
import type { StageContext, StageTools } from '../../pipeline/index.js';
import type { WeightedLoss } from './loss-term.js';
import type { Optimizer, Schedule } from './optimizer.js';
import {
  applyProgram,
  gradientProgram,
  stateNames,
  trainProgram,
  trainStateTypes,
  type TrainStepOptions,
} from './train-step.js';

export interface TrainOptions {
  readonly losses: readonly WeightedLoss[];
  readonly optimizer: Optimizer;
  readonly schedule: Schedule;
  /** Training tokens in all; rounded up to whole steps. */
  readonly tokens: number;
  /** Sequences in a batch (a micro-batch, when several make a step). */
  readonly batch: number;
  /** Tokens in a sequence. */
  readonly length: number;
  /** Micro-batches per step. */
  readonly accumulate?: number;
  /** Gradients are scaled down to this global norm; 0 turns clipping off. */
  readonly clipNorm?: number;
  readonly data: TokenBatches;
}

/** What a training run did. */
export interface TrainingRecord {
  readonly steps: number;
  readonly tokens: number;
  /** Mean of the last tenth of the steps' losses. */
  readonly finalLoss: number;
  /** Tokens per second over all steps, compilation left out. */
  readonly tokensPerSecond: number;
}

/** The loss became NaN or infinite. */
export class DivergedError extends Error {
  override readonly name = 'DivergedError';
}

/**
 * Trains a student and returns it as a new model. Deterministic for equal weights, data and thread count. Throws `InputError`
 * when the data ends before a step is complete, and `DivergedError` naming the step when the loss is no longer finite.
 */
export async function trainModel(
  student: Model,
  teacher: Model | undefined,
  options: TrainOptions,
  context: StageContext,
  tools: StageTools,
): Promise<{ readonly model: Model; readonly record: TrainingRecord }> {
  const { batch, length, accumulate = 1 } = options;
  const step: TrainStepOptions = {
    student,
    ...(teacher === undefined ? {} : { teacher }),
    losses: options.losses,
    optimizer: options.optimizer,
    clipNorm: options.clipNorm ?? 1,
    batch,
    length,
  };
  const types = trainStateTypes(step, { accumulate: accumulate > 1 });
  const state = await context.backend.createState(types, context.device);
  try {
    await writeWeights(state, student, stateNames.student);
    if (teacher !== undefined) await writeWeights(state, teacher, stateNames.teacher);
    const stepper = await createStepper(step, accumulate, context, state);
    try {
      const record = await runSteps(stepper, options, tools);
      return { model: await readStudent(state, student), record };
    } finally {
      await stepper.dispose();
    }
  } finally {
    await state.dispose();
  }
}

/** The trained weights, rounded to the storage types they will be saved in: what is evaluated is what is exported. */
async function readStudent(state: DeviceState, student: Model): Promise<Model> {
  const values = new Map<string, Float32Array>();
  for (const { name } of student.family.weights(student.architecture)) {
    const { [stateNames.student(name)]: tensor } = await state.read([stateNames.student(name)]);
    const storage = student.storageTypes.get(name) ?? 'F32';
    if (tensor?.dtype === 'float32') values.set(name, decode(encode(tensor.data, storage), storage));
  }
  return { ...student, weights: memoryWeights(values) };
}

interface StepResult {
  readonly loss: number;
  readonly gradientNorm: number;
}

interface Stepper {
  run(batches: readonly TokenBatch[], scalars: Readonly<Record<string, number>>): Promise<StepResult>;
  dispose(): Promise<void>;
}

/** One step of one batch is one run; a step of several micro-batches is a run each, and one that applies them. */
async function createStepper(
  options: TrainStepOptions,
  accumulate: number,
  { backend, device }: StageContext,
  state: DeviceState,
): Promise<Stepper> {
  if (accumulate === 1) {
    const train = await backend.compile(trainProgram(options), device);
    return {
      async run([batch], scalars) {
        const { loss, gradientNorm } = await train.run({ ...batchInputs(batch), ...scalarInputs(scalars) }, state);
        return { loss: hostNumber(loss), gradientNorm: hostNumber(gradientNorm) };
      },
      dispose: () => train.dispose(),
    };
  }
  const gradients = await backend.compile(gradientProgram(options), device);
  const apply = await backend.compile(applyProgram(options), device);
  return {
    async run(batches, scalars) {
      let total = 0;
      for (const batch of batches) total += hostNumber((await gradients.run(batchInputs(batch), state))['loss']);
      const { gradientNorm } = await apply.run(scalarInputs(scalars), state);
      return { loss: total / batches.length, gradientNorm: hostNumber(gradientNorm) };
    },
    async dispose() {
      await gradients.dispose();
      await apply.dispose();
    },
  };
}

function batchInputs(batch: TokenBatch | undefined): HostTensors {
  if (batch === undefined) return {};
  const shape = [batch.batch, batch.length];
  return {
    ids: hostIntegers(batch.ids, shape),
    targets: hostIntegers(batch.targets, shape),
    weights: hostFloats(batch.weights, shape),
  };
}

function scalarInputs(scalars: Readonly<Record<string, number>>): HostTensors {
  return Object.fromEntries(
    Object.entries(scalars).map(([name, value]) => [`optimizer/${name}`, hostFloats(value, [])]),
  );
}

async function runSteps(stepper: Stepper, options: TrainOptions, tools: StageTools): Promise<TrainingRecord> {
  const { batch, length, accumulate = 1, optimizer, schedule } = options;
  const tokensPerStep = batch * length * accumulate;
  const steps = Math.max(1, Math.ceil(options.tokens / tokensPerStep));
  reportTraining(options, steps, steps * tokensPerStep, tools);
  const losses: number[] = [];
  let seconds = 0;
  let pending: TokenBatch[] = [];
  for await (const next of options.data) {
    pending.push(next);
    if (pending.length < accumulate) continue;
    tools.signal.throwIfAborted();
    const step = losses.length;
    const rate = schedule.rate(step, steps);
    const began = performance.now();
    const { loss, gradientNorm } = await stepper.run(pending, optimizer.scalars(step + 1, rate));
    seconds += (performance.now() - began) / 1000;
    pending = [];
    if (!Number.isFinite(loss)) throw diverged(step, loss, rate);
    losses.push(loss);
    tools.report({ type: 'metric', name: 'loss', step, value: loss });
    tools.report({ type: 'metric', name: 'gradientNorm', step, value: gradientNorm });
    tools.report({ type: 'metric', name: 'learningRate', step, value: rate });
    tools.report({
      type: 'progress',
      done: losses.length * tokensPerStep,
      total: steps * tokensPerStep,
      unit: 'tokens',
    });
    if (losses.length === steps) break;
    await breathe();
  }
  if (losses.length < steps) throw tooShort(losses.length, steps, tokensPerStep);
  const last = losses.slice(-Math.ceil(steps / 10));
  const tokens = steps * tokensPerStep;
  const finalLoss = last.reduce((a, b) => a + b, 0) / last.length;
  return { steps, tokens, finalLoss, tokensPerSecond: tokens / seconds };
}

/** What the losses of the run's metrics are. */
function reportTraining({ losses }: TrainOptions, steps: number, tokens: number, tools: StageTools): void {
  const objective = losses
    .map(({ term, weight }) => (weight === 1 ? term.name : `${weight} × ${term.name}`))
    .join(' + ');
  const message = `training on ${objective}: ${steps} steps, ${tokens} tokens`;
  tools.report({ type: 'finding', name: 'training', message, data: { objective, steps, tokens } });
}

/** A run blocks the event loop; between steps, timers and signals get their turn. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function diverged(step: number, loss: number, rate: number): DivergedError {
  return new DivergedError(
    `the loss became ${loss} at step ${step} (0-based), learning rate ${rate}: lower the learning rate, or check the text for rows without valid tokens`,
  );
}

function tooShort(done: number, steps: number, tokensPerStep: number): InputError {
  return new InputError({
    asked: `train for ${steps} steps of ${tokensPerStep} tokens`,
    found: `the data ended after ${done} steps`,
    fix: 'Give more text, or fewer tokens',
  });
}
