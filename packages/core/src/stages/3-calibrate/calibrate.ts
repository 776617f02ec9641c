// Stage 3: the model reads a sample of text, and statistics of what flows through it are added up on the device.
import type { HostTensors } from '../../backend/index.js';
import { runnerBytes, type RunBytes } from '../../cost/index.js';
import type { BatchSize, SizedBatches } from '../../data/index.js';
import { InputError, InternalError } from '../../errors.js';
import { createRunner, type Model, type ModelShape } from '../../model/index.js';
import { shareOf } from '../../pipeline/events.js';
import { stage, type Stage, type StageContext, type StageTools } from '../../pipeline/index.js';
import type { ImportanceScorer } from '../4-score/importance-scorer.js';
import { calibrateProgram, statisticName } from './calibrate-program.js';
import { watchedWeights } from './model-hash.js';
import type { Observation } from './observation.js';
import { DEFAULT_FOLDS, readSample } from './sample.js';
import type { FoldCount, Statistics } from './statistics.js';

/** What is read, and what is observed of it. */
export interface CalibrateOptions {
  /** The scorers whose statistics are wanted. */
  readonly scorers: readonly ImportanceScorer[];
  /** Sequences to read. */
  readonly samples: number;
  /** Parts of the sample that are kept apart, so that the stability of a ranking can be told; 8 when not given (or as many as samples). */
  readonly folds?: number;
  /** Batches, which know their size; reading stops when the sample is complete. */
  readonly data: SizedBatches;
}

/**
 * Collects the statistics that the scorers ask for. Throws `InputError` when the data holds no valid token or fewer sequences
 * than folds, and when a weight or a statistic is NaN or infinite.
 */
export function calibrate<
  State extends {
    /** What is run. */
    readonly teacher: Model;
  },
>(
  options: CalibrateOptions,
): Stage<
  State,
  State & {
    /** What scorers are given. */
    readonly statistics: Statistics;
  }
> {
  return stage('calibrate', async (state: State, context, tools) => ({
    ...state,
    statistics: await collectStatistics(state.teacher, options, context, tools),
  }));
}

/** The stage's work: one run of the model per batch. Throws as `calibrate`, and `GraphError` for an observation that does not fit the model. */
export async function collectStatistics(
  model: Model,
  options: CalibrateOptions,
  context: StageContext,
  tools: StageTools,
): Promise<Statistics> {
  const { samples, data } = options;
  const { batch, length } = data;
  const size = { batch, length, folds: options.folds ?? foldsOf(samples) };
  const observations = options.scorers.flatMap((scorer) => scorer.observe(model.architecture));
  if (observations.length === 0) return { folds: [], samples: 0, tokens: 0, sums: {} };
  const program = calibrateProgram(model, observations, size);
  const types = observations.map(
    ({ key, size: own }) => [statisticName(key), { shape: [size.folds, own], dtype: 'float32' }] as const,
  );
  const weights = watchedWeights(model);
  const runner = await createRunner({ ...model, weights }, context, Object.fromEntries(types));
  const readSums = async (done: number): Promise<Statistics['sums']> =>
    checked(observations, await runner.read(observations.map(({ key }) => statisticName(key))), done);
  try {
    if (runner.layered) {
      const inputs: HostTensors[] = [];
      const folds = await readSample(data, samples, size, quiet(tools), (own) =>
        Promise.resolve(void inputs.push(own)),
      );
      const counts = total(folds);
      const progress = shareOf(counts.samples, 'samples', (own) => tools.report({ type: 'progress', ...own }));
      const [hash, { states }] = await weights.hashBeside(tools.signal, (signal) =>
        runner.runAll(program, inputs, { signal, progress }),
      );
      return { model: hash, folds, ...counts, sums: checked(observations, states, counts.samples) };
    }
    let runs = 0;
    const folds = await readSample(data, samples, size, tools, async (inputs, done) => {
      await runner.run(program, inputs);
      runs += 1;
      // After 1, 2, 4, 8, … runs: what is broken is found early, and looking costs next to nothing.
      if ((runs & (runs - 1)) === 0) await readSums(done);
    });
    const counts = total(folds);
    return { model: await weights.hash(), folds, ...counts, sums: await readSums(counts.samples) };
  } finally {
    await runner.dispose();
  }
}

/** Bytes of a process that calibrates on batches of this size. */
export function calibrateBytes(
  model: ModelShape,
  { scorers, samples }: Pick<CalibrateOptions, 'scorers' | 'samples'>,
  size: BatchSize,
): RunBytes {
  const observations = scorers.flatMap((scorer) => scorer.observe(model.architecture));
  const program = calibrateProgram(model, observations, { ...size, folds: foldsOf(samples) });
  return runnerBytes(model, program, { batches: Math.ceil(samples / size.batch) });
}

function foldsOf(samples: number): number {
  return Math.max(1, Math.min(DEFAULT_FOLDS, samples));
}

/** The tools without progress: reading the sample is no work yet. */
function quiet(tools: StageTools): StageTools {
  return { ...tools, report: (event) => event.type !== 'progress' && tools.report(event) };
}

function total(folds: readonly FoldCount[]): FoldCount {
  return folds.reduce((a, b) => ({ samples: a.samples + b.samples, tokens: a.tokens + b.tokens }));
}

/** The sums by key. Throws `InputError` naming the first observation, in the order of the model, that is NaN or infinite. */
function checked(observations: readonly Observation[], sums: HostTensors, samples: number): Statistics['sums'] {
  const entries = observations.map(({ key }) => {
    const sum = sums[statisticName(key)];
    if (sum?.dtype !== 'float32') throw new InternalError(`no sum of observation "${key}" came back`);
    const bad = sum.data.find((value) => !Number.isFinite(value));
    if (bad === undefined) return [key, sum.data] as const;
    throw new InputError({
      asked: `calibrate on text`,
      found: `the statistic "${key}" (tap, layer (0-based), measure) is ${bad} within the first ${samples} samples`,
      fix: 'The weights are finite, so the model overflows on this text: check the checkpoint and its config.json, and the text',
    });
  });
  return Object.fromEntries(entries);
}
