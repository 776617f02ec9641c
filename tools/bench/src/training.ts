// Training of a Llama from random weights on random tokens, step by step: what the benchmarks time.
import {
  random,
  trainProgram,
  trainStateTypes,
  type Architecture,
  type TrainStepOptions,
  type Weights,
  InternalError,
} from '@espalier/core';
import { hostFloats, hostIntegers, type Backend, type Program } from '@espalier/core/graph';
import { adamw, crossEntropyLoss, forwardKlLoss, llama } from '@espalier/plugins';

/** What is trained, and on how much at once. */
export interface TrainingSize {
  readonly architecture: Architecture;
  /** Sequences of a batch, tokens of a sequence. */
  readonly batch: number;
  readonly length: number;
  /** Whose distribution is learnt, where it is not the text's; of the same vocabulary. */
  readonly teacher?: Architecture;
}

/** A training that has begun. */
export interface Training {
  readonly program: Program;
  /** What it took to compile the program. */
  readonly sessionSeconds: number;
  /** One step of AdamW; gives the loss. */
  step(): Promise<number>;
  close(): Promise<void>;
}

/** What fixes its program. */
export function trainingOptions({ architecture, batch, length, teacher }: TrainingSize): TrainStepOptions {
  const family = llama();
  const term = teacher === undefined ? crossEntropyLoss() : forwardKlLoss();
  return {
    student: { family, architecture },
    ...(teacher === undefined ? {} : { teacher: { family, architecture: teacher } }),
    losses: [{ term, weight: 1 }],
    optimizer: adamw(),
    clipNorm: 1,
    batch,
    length,
  };
}

/** Ids that every benchmark reads, so that losses can be compared: 7919 · place, modulo the vocabulary. Of length `batch · length + 1`. */
export function numberedIds({ batch, length }: Pick<TrainingSize, 'batch' | 'length'>, vocab: number): number[] {
  return Array.from({ length: batch * length + 1 }, (_, place) => (place * 7919) % vocab);
}

/** What a student's weights are of its teacher's where both come from one checkpoint: it has something to learn. */
const LAG = 0.9;

/** Compiles a training and fills its weights, the teacher's too: from a checkpoint where one is given. */
export async function startTraining(backend: Backend, size: TrainingSize, from?: Weights): Promise<Training> {
  const { architecture, batch, length, teacher } = size;
  const options = trainingOptions(size);
  const { optimizer } = options;
  const stream = random(1);
  const state = await backend.createState(trainStateTypes(options, { accumulate: false }));
  const fill = async (prefix: string, shape: Architecture): Promise<void> => {
    for (const spec of llama().weights(shape)) {
      const type = state.types[`${prefix}/${spec.name}`];
      if (type === undefined) continue; // tied to another
      const count = type.shape.reduce((a, b) => a * b, 1);
      const drawn = (): Float32Array =>
        Float32Array.from({ length: count }, () => (spec.kind === 'norm' ? 1 : 0.02 * stream.normal()));
      const read = from === undefined ? drawn() : await from.read(spec.name);
      const values = prefix === 'student' && teacher !== undefined ? read.map((value) => LAG * value) : read;
      await state.write({ [`${prefix}/${spec.name}`]: hostFloats(values, type.shape) });
    }
  };
  await fill('student', architecture);
  if (teacher !== undefined) await fill('teacher', teacher);
  const program = trainProgram(options);
  const begin = performance.now();
  const executable = await backend.compile(program);
  const sessionSeconds = (performance.now() - begin) / 1000;
  const ids = numberedIds(size, architecture.sizes.vocab);
  const fed = {
    ids: hostIntegers(ids.slice(0, -1), [batch, length]),
    targets: hostIntegers(ids.slice(1), [batch, length]),
    weights: hostFloats(1, [batch, length]),
  };
  let steps = 0;
  return {
    program,
    sessionSeconds,
    async step() {
      steps += 1;
      const scalars = Object.entries(optimizer.scalars(steps, 1e-3));
      const rates = scalars.map(([name, value]) => [`optimizer/${name}`, hostFloats(value, [])] as const);
      const { loss } = await executable.run({ ...fed, ...Object.fromEntries(rates) }, state);
      if (loss?.data[0] === undefined) throw new InternalError('the program gives no loss');
      return loss.data[0];
    },
    async close() {
      await executable.dispose();
      await state.dispose();
    },
  };
}

/** The middle value; of an even number of values the mean of the two in the middle. Throws `RangeError` when there is none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
  if (low === undefined || high === undefined) throw new RangeError('no value, no median');
  return (low + high) / 2;
}
