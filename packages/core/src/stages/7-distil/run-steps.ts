// The loop over steps: takes batches, runs steps, reports, evaluates, saves checkpoints.
import { hostNumber, type DeviceState, type HostTensors } from '../../backend/index.js';
import type { TokenBatch } from '../../data/index.js';
import { InputError } from '../../errors.js';
import { present } from '../../look-up.js';
import type { TensorTypes } from '../../graph/index.js';
import type { StageTools } from '../../pipeline/index.js';
import { bestOf, checkpointOf, readOne, type CheckpointOptions } from './checkpoint.js';
import { DivergedError, firstNotFinite } from './diverged.js';
import { lossScalars, type TrainingPlace } from './loss-scalars.js';
import { scalingNames } from './loss-scaling.js';
import type { ParameterGroup } from './parameters.js';
import { listen, type Stopping } from './stopping.js';
import { batchInputs, scalarInputs, type StepMetrics, type Stepper } from './stepper.js';
import type { TrainingRecord, TrainOptions } from './train-options.js';
import type { Validation } from './validation.js';

/** A training that is loaded. */
export interface LoadedTraining {
  readonly stepper: Stepper;
  readonly validation: Validation | undefined;
  readonly state: DeviceState;
  /** What a checkpoint holds. */
  readonly tensors: TensorTypes;
  readonly groups: readonly ParameterGroup[];
  /** Names of the states that are the student. */
  readonly weights: readonly string[];
}

/** What all steps have come to. */
interface Ran {
  readonly record: TrainingRecord;
  readonly lastCheckpoint: number | undefined;
  /** Weights of the least validation loss by the names of their states, where a stop rule ended the training. */
  readonly best?: HostTensors;
}

/** Runs all steps that are left. */
export async function runSteps(training: LoadedTraining, options: TrainOptions, tools: StageTools): Promise<Ran> {
  const { stop, checkpoint } = options;
  const stopping = stop && listen(stop, checkpoint?.resumeFrom);
  try {
    return await runUntil(stopping, training, options, tools);
  } finally {
    stopping?.close();
  }
}

async function runUntil(
  stopping: Stopping | undefined,
  training: LoadedTraining,
  options: TrainOptions,
  tools: StageTools,
): Promise<Ran> {
  const { accumulate = 1, checkpoint } = options;
  const tokensPerStep = options.batch * options.length * accumulate;
  const steps = Math.max(1, Math.ceil(options.tokens / tokensPerStep));
  reportTraining(options, steps, steps * tokensPerStep, tools);
  const { step: first = 0, losses: earlier = [], batches: skipped = 0 } = checkpoint?.resumeFrom ?? {};
  const losses = [...earlier];
  let lastCheckpoint = checkpoint?.resumeFrom?.step;
  let best = stopping && checkpoint?.resumeFrom && (await bestOf(checkpoint.resumeFrom));
  const ended = (): boolean => stopping?.ended === true;
  const tell = (step: number, metrics: StepMetrics): void => {
    report(tools, step, metrics);
    stopping?.hear(step, metrics);
  };
  let seconds = 0;
  let batches = 0;
  // Micro-batches taken for the step, and those of them in which a prediction counts; steps in a row that had none.
  let taken = 0;
  let pending: HostTensors[] = [];
  let passedOver = 0;
  let leftOut = first === 0 ? 0 : await skippedSteps(training);
  if (first < steps && !ended()) {
    for await (const next of options.data) {
      batches += 1;
      if (batches <= skipped) continue;
      taken += 1;
      if (counts(next)) pending.push(batchInputs(next, options));
      if (taken < accumulate) continue;
      tools.signal.throwIfAborted();
      taken = 0;
      passedOver = pending.length === 0 ? passedOver + 1 : 0;
      if (passedOver > 0) {
        reportPassedOver(passedOver, losses.length, tools);
        continue;
      }
      const step = losses.length;
      const began = performance.now();
      const scalars = scalarsOf(training, options, { step, steps, updates: step - leftOut });
      const measured = await training.stepper.run(pending, scalars);
      seconds += (performance.now() - began) / 1000;
      pending = [];
      const metrics =
        (measured['skippedSteps'] ?? 0) > leftOut ? withoutOverflow(measured, step, lastCheckpoint) : measured;
      leftOut = metrics['skippedSteps'] ?? 0;
      await checkMetrics(metrics, step, training, lastCheckpoint);
      losses.push(present(metrics['loss'], 'the loss of a step'));
      const progress = { done: losses.length * tokensPerStep, total: steps * tokensPerStep };
      tell(step, { ...visible(metrics), learningRate: options.schedule(step, steps) });
      tools.report({ type: 'progress', ...progress, unit: 'tokens' });
      const { evaluation } = options;
      if (evaluation !== undefined && training.validation !== undefined) {
        const due = ended() || losses.length === steps || losses.length % evaluation.every === 0;
        if (due) tell(step, await training.validation.measure(() => evaluation.data(), { step, steps }));
        if (due && stopping?.least?.step === step) best = await training.state.read(training.weights);
      }
      const last = ended() || losses.length === steps;
      if (checkpoint !== undefined && isDue(checkpoint, losses.length, last)) {
        await checkParameters(step, training, lastCheckpoint);
        const heard = stopping && { metrics: [...stopping.heard] };
        const position = { step: losses.length, batches, losses: [...losses], last, ...heard };
        await checkpoint.save(checkpointOf(position, training.state, training.tensors, best));
        lastCheckpoint = losses.length;
      }
      if (last) break;
      await breathe();
    }
  }
  const done = losses.length;
  if (done < steps && !ended()) throw tooShort(done, steps, tokensPerStep);
  const isShort = done < steps;
  if (isShort && stopping !== undefined) reportStopped(stopping, { done, steps, tokensPerStep }, tools);
  const last = losses.slice(-Math.ceil(done / 10));
  const record = {
    steps: done,
    tokens: done * tokensPerStep,
    finalLoss: last.reduce((a, b) => a + b, 0) / last.length,
    tokensPerSecond: seconds === 0 ? 0 : ((done - first) * tokensPerStep) / seconds,
  };
  return { record, lastCheckpoint, ...(isShort && best !== undefined ? { best } : {}) };
}

function isDue({ every }: Pick<CheckpointOptions, 'every'>, done: number, last: boolean): boolean {
  return typeof every === 'number' ? done % every === 0 : every(done, last);
}

/** Whether any prediction of a batch counts: one of padding and prompts alone has no loss and no gradient. */
function counts({ weights }: TokenBatch): boolean {
  return weights.some((weight) => weight !== 0);
}

/** So many steps' batches in a row may be without a prediction that counts; more are taken for data that has none. */
const MOST_PASSED_OVER = 1000;

/** A step whose batches are all empty is passed over: it would only decay weights and moments. */
function reportPassedOver(inARow: number, step: number, tools: StageTools): void {
  if (inARow > MOST_PASSED_OVER) {
    throw new InputError({
      asked: `train step ${step} (0-based)`,
      found: `no prediction counts in the data of ${inARow - 1} steps in a row: it is all prompt or padding`,
      fix: 'Give text with something to learn, or a length beyond that of the prompts',
    });
  }
  if (inARow > 1) return;
  const message = `no prediction counts in the batches after step ${step}: they are passed over, and do not count as a step`;
  tools.report({ type: 'warning', message });
}

interface Place extends TrainingPlace {
  /** Steps so far that changed the parameters: what an optimiser counts. */
  readonly updates: number;
}

/** What the optimisers of all groups, the losses and the balancer are fed at a step. */
function scalarsOf({ groups }: LoadedTraining, options: TrainOptions, { step, steps, updates }: Place): HostTensors {
  const fed = groups.flatMap(({ name, optimizer, inputs, parameters }) => {
    const { schedule } = name === 'student' ? options : (options.correction ?? options);
    const rates = [...new Set(parameters.map(({ rate }) => rate))];
    return rates.map((rate) =>
      scalarInputs(inputs(rate), optimizer.scalars(updates + 1, rate * schedule(step, steps))),
    );
  });
  return Object.assign({}, ...fed, lossScalars(options, { step, steps })) as HostTensors;
}

/** Steps that were left out before a checkpoint. */
async function skippedSteps({ state }: LoadedTraining): Promise<number> {
  return state.types[scalingNames.skipped] === undefined ? 0 : hostNumber(await readOne(state, scalingNames.skipped));
}

/** What is reported of a step that was left out. Throws `DivergedError` where a smaller loss scale would not help. */
function withoutOverflow(metrics: StepMetrics, step: number, lastCheckpoint: number | undefined): StepMetrics {
  const lossScale = present(metrics['lossScale'], 'the loss scale of a step');
  if (lossScale < 1) {
    const what = `the gradients overflowed float16 at a loss scale of ${lossScale} (float32 would hold them)`;
    throw new DivergedError(step, what, lastCheckpoint);
  }
  return Object.fromEntries(Object.entries(metrics).filter(([name]) => !name.endsWith('radientNorm')));
}

/** What the losses of the run's metrics are. */
function reportTraining({ losses, balancer }: TrainOptions, steps: number, tokens: number, tools: StageTools): void {
  const sum = losses.map(({ term, weight }) => (weight === 1 ? term.name : `${weight} × ${term.name}`)).join(' + ');
  const objective = balancer === undefined || balancer.name === 'static' ? sum : `${sum}, balanced by ${balancer.name}`;
  const message = `training on ${objective}: ${steps} steps, ${tokens} tokens`;
  tools.report({ type: 'finding', name: 'training', message, data: { objective, steps, tokens } });
}

/** Where and why a training ended before its tokens were used up. */
function reportStopped(
  { rule, least }: Stopping,
  { done, steps, tokensPerStep }: { readonly done: number; readonly steps: number; readonly tokensPerStep: number },
  tools: StageTools,
): void {
  const weights =
    least === undefined ? 'the last ones' : `those after step ${least.step + 1}, of the least validation loss`;
  const message = `the training ended after ${done} of ${steps} steps by "${rule.name}" (${rule.summary}); its weights are ${weights}`;
  const tokens = done * tokensPerStep;
  const data = { rule: rule.name, steps: done, of: steps, tokens };
  const best = least === undefined ? undefined : { steps: least.step + 1, loss: least.loss };
  tools.report({ type: 'finding', name: 'stopped', message, data: best === undefined ? data : { ...data, best } });
  tools.report({ type: 'progress', done: tokens, total: tokens, unit: 'tokens' });
}

function report(tools: StageTools, step: number, metrics: StepMetrics): void {
  for (const [name, value] of Object.entries(metrics)) tools.report({ type: 'metric', name, step, value });
}

/** A single term is the loss itself: it is not reported twice. */
function visible(metrics: StepMetrics): StepMetrics {
  const terms = Object.keys(metrics).filter((name) => name.startsWith('loss/'));
  if (terms.length > 1) return metrics;
  return Object.fromEntries(Object.entries(metrics).filter(([name]) => !terms.includes(name)));
}

async function checkMetrics(
  metrics: StepMetrics,
  step: number,
  training: LoadedTraining,
  lastCheckpoint: number | undefined,
): Promise<void> {
  const bad = Object.entries(metrics).find(([, value]) => !Number.isFinite(value));
  if (bad === undefined) return;
  if (step === 0 && /^(loss|teacherLoss$)/.test(bad[0])) throw neverFinite(bad[0], bad[1], training.state);
  const tensor = await firstNotFinite(training.state, parameterNames(training));
  const where = tensor === undefined ? '' : `, and ${tensor} is no longer finite`;
  throw new DivergedError(step, `${bad[0] === 'loss' ? 'the loss' : bad[0]} became ${bad[1]}${where}`, lastCheckpoint);
}

/** A loss before the first update owes nothing to the training. */
function neverFinite(name: string, value: number, { types }: DeviceState): InputError {
  const half = types[scalingNames.scale] === undefined ? '' : 'train in float32, which holds larger ones, or ';
  return new InputError({
    asked: 'train',
    found: `${name === 'loss' ? 'the loss' : `"${name}"`} of the first batch, before anything was learned, is ${value}`,
    fix: `The weights are finite, so numbers overflow within the model or a loss term: ${half}check that weights, config.json and text belong together`,
  });
}

/** Throws `DivergedError` when a parameter is no longer finite. */
export async function checkParameters(
  step: number,
  training: LoadedTraining,
  lastCheckpoint: number | undefined,
): Promise<void> {
  const bad = await firstNotFinite(training.state, parameterNames(training));
  if (bad !== undefined) throw new DivergedError(step, `${bad} is no longer finite`, lastCheckpoint);
}

function parameterNames({ groups }: Pick<LoadedTraining, 'groups'>): readonly string[] {
  return groups.flatMap(({ parameters }) => parameters.map(({ name }) => name));
}

/** A run blocks the event loop; between steps, timers and signals get their turn. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function tooShort(done: number, steps: number, tokensPerStep: number): InputError {
  return new InputError({
    asked: `train for ${steps} steps of ${tokensPerStep} tokens`,
    found: `the data ended after ${done} steps`,
    fix: 'Give more text, or fewer tokens',
  });
}
