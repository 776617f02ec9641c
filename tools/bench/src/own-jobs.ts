// The jobs that `bench:peers` compares, on our side. Each is made ready once, untimed, and then run again and again.
import {
  collectStatistics,
  createGenerator,
  createRunner,
  InternalError,
  ofSize,
  random,
  runnerWeights,
  type Model,
  type TokenBatch,
} from '@espalier/core';
import {
  hostIntegers,
  input,
  logSoftmax,
  mean,
  negate,
  program,
  reshape,
  takeAlongAxis,
  type Backend,
} from '@espalier/core/graph';
import { activationScorer } from '@espalier/plugins';
import { numberedIds, startTraining, type TrainingSize } from './training.js';

/** A job that is ready. */
export interface ReadyJob {
  /** Does it once; gives what is compared with the other side, where there is something. */
  run(): Promise<number | null>;
  close(): Promise<void>;
}

type Start = (backend: Backend, model: Model, size: TrainingSize) => Promise<ReadyJob>;

const training =
  (distils: boolean): Start =>
  async (backend, model, size) => {
    const teacher = distils ? { teacher: size.architecture } : {};
    const { step, close } = await startTraining(backend, { ...size, ...teacher }, model.weights);
    return { run: step, close };
  };

/** The mean loss of a batch, of a program that is compiled once. */
const perplexity: Start = async (backend, model, { batch, length, architecture }) => {
  const runner = await createRunner(model, { backend, layered: false });
  const ids = input('ids', [batch, length], 'int32');
  const targets = reshape(input('targets', [batch, length], 'int32'), [batch * length, 1]);
  const logits = model.family.forward(architecture, { ids, weight: runnerWeights(model) });
  const loss = mean(negate(takeAlongAxis(logSoftmax(logits), targets, 1)));
  const losses = program('perplexity', { outputs: { loss } });
  const all = numberedIds({ batch, length }, architecture.sizes.vocab);
  const fed = {
    ids: hostIntegers(all.slice(0, -1), [batch, length]),
    targets: hostIntegers(all.slice(1), [batch, length]),
  };
  return {
    async run() {
      const [value] = (await runner.run(losses, fed))['loss']?.data ?? [];
      if (value === undefined) throw new InternalError('the program gives no loss');
      return value;
    },
    close: () => runner.dispose(),
  };
};

/** A batch of a calibration: from when it is given until the next one is asked for. */
const calibrate: Start = async (backend, model, { batch, length, architecture }) => {
  const all = numberedIds({ batch, length }, architecture.sizes.vocab);
  const one: TokenBatch = {
    ids: Int32Array.from(all.slice(0, -1)),
    targets: Int32Array.from(all.slice(1)),
    weights: new Float32Array(batch * length).fill(1),
    batch,
    length,
  };
  let give: ((more: boolean) => void) | undefined;
  let askedAgain: (() => void) | undefined;
  async function* batches(): AsyncGenerator<TokenBatch> {
    for (;;) {
      const more = new Promise<boolean>((resolve) => (give = resolve));
      askedAgain?.();
      if (!(await more)) return;
      yield one;
    }
  }
  const asked = (): Promise<void> => new Promise((resolve) => (askedAgain = resolve));
  const first = asked();
  const scorers = [activationScorer({ moments: 'needed' })];
  const samples = Number.MAX_SAFE_INTEGER;
  const options = { scorers, samples, folds: 1, data: ofSize(batches(), { batch, length }) };
  const tools = { report: () => undefined, signal: new AbortController().signal };
  const statistics = collectStatistics(model, options, { backend, random: random(1) }, tools);
  await first;
  return {
    async run() {
      const next = asked();
      give?.(true);
      await next;
      return null;
    },
    async close() {
      give?.(false);
      await statistics;
    },
  };
};

const generation =
  (rows: number, prompt: number, tokens: number): Start =>
  async (backend, model, { architecture }) => {
    const start = numberedIds({ batch: 1, length: prompt - 1 }, architecture.sizes.vocab);
    const length = prompt + tokens;
    const options = { batch: rows, length, temperature: 0, prompt: Array.from({ length: rows }, () => start) };
    const generator = await createGenerator(model, { backend, layered: false }, options);
    return {
      async run() {
        await generator.sample(random(1));
        return null;
      },
      close: () => generator.dispose(),
    };
  };

/** By the names that the other side has for them; a training is also compared with the other's compiled one. */
export const ownJobs: Readonly<Record<string, Start>> = {
  train: training(false),
  distil: training(true),
  calibrate,
  perplexity,
  // A prompt of 384 tokens and 33 more.
  prompt: generation(1, 384, 33),
  generate: generation(1, 1, 128),
  'generate-8': generation(8, 1, 128),
};
