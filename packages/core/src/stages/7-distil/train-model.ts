// Trains a model: loads weights into device state once, feeds batches, reads the student back at the end.
import { hostFloats, type DeviceState, type HostTensor } from '../../backend/index.js';
import { ofSize } from '../../data/index.js';
import { InputError, InternalError } from '../../errors.js';
import { weightSpecs, type Model } from '../../model/index.js';
import { storedWeights, writeWeights } from '../../model/model-runner.js';
import { compileFor } from '../../model/told-while.js';
import type { StageContext, StageTools } from '../../pipeline/index.js';
import type { Random } from '../../random.js';
import { rounded } from '../rounded.js';
import { readOne, restore } from './checkpoint.js';
import { finiteWeights } from './diverged.js';
import { initialScaling } from './loss-scaling.js';
import {
  checkpointTypes,
  parameterGroups,
  resultNames,
  stateNames,
  trainStateTypes,
  type ParameterGroup,
} from './parameters.js';
import { checkParameters, runSteps } from './run-steps.js';
import type { TrainStepOptions } from './step-options.js';
import { describeFit, fitMemory } from './fit-memory.js';
import { createStepper, stepPrograms, type Compile } from './stepper.js';
import type { Trained, TrainOptions } from './train-options.js';
import { createValidation, validationProgram } from './validation.js';
import { checkVocabularies } from './vocabularies.js';
import { at } from '../../look-up.js';

/**
 * Trains a student and returns it as a new model. Deterministic for equal weights, data and thread count, whether or not the run
 * was broken off and resumed. Throws `InputError` for what does not fit together (before anything is allocated) and when the data
 * ends before a step is complete; throws `DivergedError` when a loss or a weight is no longer finite.
 */
export async function trainModel(
  student: Model,
  teacher: Model | undefined,
  options: TrainOptions,
  context: StageContext,
  tools: StageTools,
): Promise<Trained> {
  const { accumulate = 1, checkpoint, evaluation } = options;
  const step = fitted(stepOptions(student, teacher, options), options, tools);
  if (teacher !== undefined) checkVocabularies(student, teacher);
  const programs = stepPrograms(step, accumulate);
  const losses = evaluation === undefined ? undefined : validationProgram(step, evaluation);
  const tensors = checkpointTypes(step);
  const groups = parameterGroups(step);
  const types = trainStateTypes(step, { accumulate: accumulate > 1 });
  const { backend, device, watch } = context;
  const teaches = teacher !== undefined && step.correction === undefined;
  const stored = teaches ? await storedWeights(teacher, context, stateNames.teacher) : undefined;
  const storage = stored && new Map(Array.from(stored, ([name, { type }]) => [name, type] as const));
  const compile: Compile = (program) => compileFor(context, program, storage);
  const state = await backend.createState(types, device, stored);
  try {
    await writeWeights(state, finiteWeights(student, 'student'), stateNames.student, { watch });
    if (teacher !== undefined) {
      const wanted = (name: string): boolean => stored?.has(name) !== true;
      await writeWeights(state, finiteWeights(teacher, 'teacher'), stateNames.teacher, { wanted, watch });
    }
    if (step.precision === 'float16') await state.write(initialScaling(step.lossScaling));
    await drawProjection(state, context.random.fork('projection'));
    await beginResults(state, groups);
    if (checkpoint?.resumeFrom !== undefined) await restore(checkpoint.resumeFrom, state, tensors);
    const stepper = await createStepper(programs, compile, state);
    let validation: Awaited<ReturnType<typeof createValidation>> | undefined;
    try {
      const validated = { ...step, ...(evaluation?.losses && { losses: evaluation.losses }) };
      validation = losses && (await createValidation(validated, losses, compile, state));
      const result = resultNames(step, 'student');
      const weights = weightSpecs(student).map(({ name }) => result(name));
      const training = { stepper, validation, state, tensors, groups, weights };
      const { record, lastCheckpoint, best = {} } = await runSteps(training, withSizes(options), tools);
      await checkParameters(record.steps - 1, training, lastCheckpoint);
      // What the programs hold goes before the weights come beside the state.
      await stepper.dispose();
      await validation?.dispose();
      const kept = (name: string): Promise<HostTensor> => Promise.resolve(best[name] ?? readOne(state, name));
      const model = await readModel(kept, student, result);
      if (teacher === undefined || step.correction === undefined) return { model, record };
      return {
        model,
        teacher: await readModel((name) => readOne(state, name), teacher, resultNames(step, 'teacher')),
        record,
      };
    } finally {
      await stepper.dispose();
      await validation?.dispose();
    }
  } finally {
    await state.dispose();
  }
}

/** With what keeps to the memory, where one is given. */
function fitted(
  step: TrainStepOptions,
  { memory, accumulate = 1 }: Pick<TrainOptions, 'memory' | 'accumulate'>,
  { report }: StageTools,
): TrainStepOptions {
  if (memory === undefined) return step;
  const own = fitMemory(step, memory, accumulate);
  const { recompute = false, logitRows = step.batch * step.length } = own.options;
  const message = describeFit(own, memory);
  report({ type: 'finding', name: 'memory', message, data: { bytes: own.bytes.total, memory, recompute, logitRows } });
  return own.options;
}

/** Text of another size than is trained on is refused when it is read, in words. */
function withSizes({ data, evaluation, ...options }: TrainOptions): TrainOptions {
  const measured = evaluation && {
    ...evaluation,
    data: () => ofSize(evaluation.data(), options, 'evaluate while training'),
  };
  return { ...options, data: ofSize(data, options, 'train'), ...(measured && { evaluation: measured }) };
}

function stepOptions(
  student: Model,
  teacher: Model | undefined,
  { losses, optimizer, clipNorm = 1, batch, length, balancer, mapping, correction, ...rest }: TrainOptions,
): TrainStepOptions {
  if (correction !== undefined && teacher === undefined) {
    throw new InputError({
      asked: 'correct the teacher while it teaches',
      found: 'there is no teacher',
      fix: 'Give one, or leave the correction out',
    });
  }
  return {
    student,
    losses,
    optimizer,
    clipNorm,
    batch,
    length,
    ...(teacher === undefined ? {} : { teacher }),
    ...(balancer === undefined ? {} : { balancer }),
    ...(mapping === undefined ? {} : { mapping }),
    ...(rest.precision === undefined ? {} : { precision: rest.precision }),
    ...(rest.recompute === undefined ? {} : { recompute: rest.recompute }),
    ...(rest.logitRows === undefined ? {} : { logitRows: rest.logitRows }),
    ...(rest.crossDocumentAttention === undefined ? {} : { crossDocumentAttention: rest.crossDocumentAttention }),
    ...(rest.lossScaling === undefined ? {} : { lossScaling: rest.lossScaling }),
    ...(correction === undefined ? {} : { correction: { clipNorm: 1, ...correction } }),
  };
}

/** A moment that is an optimiser's result begins as the parameter. */
async function beginResults(state: DeviceState, groups: readonly ParameterGroup[]): Promise<void> {
  for (const { optimizer, parameters } of groups) {
    if (optimizer.result === undefined) continue;
    for (const { name } of parameters)
      await state.write({ [stateNames.moment(optimizer.result, name)]: await readOne(state, name) });
  }
}

/** U(−1/√width, 1/√width) for the weight and 0 for the bias, as NVIDIA's projection layer begins; nothing where there is none. */
async function drawProjection(state: DeviceState, random: Random): Promise<void> {
  const type = state.types[stateNames.projectionWeight];
  if (type === undefined) return;
  const [to, from] = [at(type.shape, 0), at(type.shape, 1)];
  const bound = from ** -0.5;
  const values = Float32Array.from({ length: to * from }, () => bound * (2 * random.uniform() - 1));
  await state.write({ [stateNames.projectionWeight]: hostFloats(values, type.shape) });
}

/**
 * The trained weights, rounded to the storage types they will be saved in: what is evaluated is what is exported. Throws
 * `InputError`, naming the weight, where it has grown beyond that type.
 */
function readModel(
  read: (state: string) => Promise<HostTensor>,
  model: Model,
  rename: (weight: string) => string,
): Promise<Model> {
  const weight = async (name: string): Promise<Float32Array> => {
    const tensor = await read(rename(name));
    if (tensor.dtype !== 'float32') throw new InternalError(`weight "${name}" came back as ${tensor.dtype}`);
    return tensor.data;
  };
  return rounded(
    model,
    weight,
    (storage) => `round the trained weights to ${storage}, as "${model.folder}" stores them`,
  );
}
