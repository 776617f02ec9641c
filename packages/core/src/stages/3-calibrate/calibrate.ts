// Stage 3: the model reads a sample of text, and statistics of what flows through it are added up on the device.
import { hostFloats, hostIntegers, type HostTensors } from '../../backend/index.js';
import type { BatchSize, TokenBatch, TokenBatches } from '../../data/index.js';
import { InputError, InternalError } from '../../errors.js';
import { createRunner, type Model } from '../../model/index.js';
import { stage, type Stage, type StageContext, type StageTools } from '../../pipeline/index.js';
import type { ImportanceScorer } from '../4-score/importance-scorer.js';
import { calibrateProgram, statisticName } from './calibrate-program.js';
import type { Observation } from './observation.js';
import type { Statistics } from './statistics.js';

export interface CalibrateOptions extends BatchSize {
  /** The scorers whose statistics are wanted. */
  readonly scorers: readonly ImportanceScorer[];
  /** Sequences to read. */
  readonly samples: number;
  /** Batches of at most this size; reading stops when the sample is complete. */
  readonly data: TokenBatches;
}

/** Collects the statistics that the scorers ask for. Throws `InputError` when the data holds no valid token. */
export function calibrate<State extends { readonly teacher: Model }>(
  options: CalibrateOptions,
): Stage<State, State & { readonly statistics: Statistics }> {
  return stage('calibrate', async (state: State, context, tools) => ({
    ...state,
    statistics: await collectStatistics(state.teacher, options, context, tools),
  }));
}

/** The stage's work: one run of the model per batch. */
export async function collectStatistics(
  model: Model,
  options: CalibrateOptions,
  context: StageContext,
  tools: StageTools,
): Promise<Statistics> {
  const observations = options.scorers.flatMap((scorer) => scorer.observe(model.architecture));
  if (observations.length === 0) return { samples: 0, tokens: 0, values: {} };
  const program = calibrateProgram(model, observations, options);
  const sums = Object.fromEntries(
    observations.map(({ key, shape }) => [statisticName(key), { shape, dtype: 'float32' }] as const),
  );
  const runner = await createRunner(model, context, sums);
  try {
    const counts = await readSample(options, tools, (inputs) => runner.run(program, inputs));
    return { ...counts, values: named(observations, await runner.state.read(Object.keys(sums))) };
  } finally {
    await runner.dispose();
  }
}

async function readSample(
  { samples, data, ...size }: CalibrateOptions,
  tools: StageTools,
  run: (inputs: HostTensors) => Promise<unknown>,
): Promise<Pick<Statistics, 'samples' | 'tokens'>> {
  const seen = { samples: 0, tokens: 0 };
  for await (const batch of data) {
    tools.signal.throwIfAborted();
    const sample = firstSequences(batch, size, samples - seen.samples);
    await run(sample.inputs);
    seen.samples += sample.samples;
    seen.tokens += sample.tokens;
    tools.report({ type: 'progress', done: seen.samples, total: samples, unit: 'samples' });
    if (seen.samples >= samples) break;
    // A run blocks the event loop; between runs, timers and signals get their turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (seen.tokens === 0) {
    const found = 'the data holds no sequence with a valid token';
    throw new InputError({
      asked: `calibrate on ${samples} samples`,
      found,
      fix: 'Give text, and at least one sample',
    });
  }
  if (seen.samples < samples) {
    const message = `calibration has ${seen.samples} samples, ${samples} were asked for: the data ended`;
    tools.report({ type: 'warning', message });
  }
  return seen;
}

/** The first sequences that hold a valid token, at most `wanted` of them, in a batch of the full size; the rest weighs 0. */
function firstSequences(
  { ids, weights, batch, length }: TokenBatch,
  size: BatchSize,
  wanted: number,
): { readonly inputs: HostTensors; readonly samples: number; readonly tokens: number } {
  if (length !== size.length || batch > size.batch) {
    throw new InternalError(`a batch is ${batch} × ${length}, calibration takes ${size.batch} × ${size.length}`);
  }
  const own = { ids: new Int32Array(size.batch * length), weights: new Float32Array(size.batch * length) };
  let [samples, tokens] = [0, 0];
  for (let row = 0; row < batch && samples < wanted; row++) {
    const [start, end] = [row * length, (row + 1) * length];
    const valid = weights.subarray(start, end).filter((weight) => weight !== 0).length;
    if (valid === 0) continue;
    own.ids.set(ids.subarray(start, end), start);
    own.weights.set(weights.subarray(start, end), start);
    samples += 1;
    tokens += valid;
  }
  const shape = [size.batch, length];
  const inputs = { ids: hostIntegers(own.ids, shape), weights: hostFloats(own.weights, shape) };
  return { inputs, samples, tokens };
}

function named(observations: readonly Observation[], sums: HostTensors): Record<string, Float32Array> {
  const entries = observations.map(({ key }) => {
    const sum = sums[statisticName(key)];
    if (sum?.dtype !== 'float32') throw new InternalError(`no sum of observation "${key}" came back`);
    return [key, sum.data] as const;
  });
  return Object.fromEntries(entries);
}
