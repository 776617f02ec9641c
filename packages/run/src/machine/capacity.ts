// What fits: the largest model for a time and a memory, and the tokens that a given model can read in that time.
import { calibrateBytes, checkMaskedBytes, forwardFlops, stepBytes, trainFlops, type ModelShape } from '@espalier/core';
import { activationScorer, adamw, blockInfluenceScorer, forwardKlLoss } from '@espalier/plugins';

/** What there is to spend. */
export interface Means {
  /** Operations a second that training can count on. */
  readonly rate: number;
  readonly seconds: number;
  /** Bytes. */
  readonly memory: number;
}

/** One kind of work: the largest model that it can be done with. */
export interface Capacity {
  readonly work: 'calibrate' | 'distil';
  /** Largest number of parameters. */
  readonly parameters: number;
  /** Whether memory or time is what ends it. */
  readonly bound: 'memory' | 'time';
}

/** Tokens of a calibration: 1,024 sequences of 256, as a recipe has it that says nothing. */
const SAMPLES = 1024;
const SAMPLE = SAMPLES * 256;
/** Training tokens for each parameter of the student, likewise. */
const TOKENS_PER_PARAMETER = 16;

/**
 * Of P parameters, with two operations a parameter and token, attention left out: calibrating takes 2·P·262,144 operations; distilling
 * to half 16·(P/2)·(3 + 2)·P operations and, with Adam, (2 + 16/2)·P bytes: the teacher's files of 16 bits a number, and weight, two
 * moments and a gradient. Activations are left out. Calibrating and pruning read a large model layer by layer, so that memory does not
 * end them.
 */
export function largestModels({ rate, seconds, memory }: Means): readonly Capacity[] {
  const flops = rate * seconds;
  const of = (work: Capacity['work'], byMemory: number, byTime: number): Capacity => {
    const bound = byMemory < byTime ? 'memory' : 'time';
    return { work, parameters: Math.floor(Math.min(byMemory, byTime)), bound };
  };
  return [
    of('calibrate', Infinity, flops / (2 * SAMPLE)),
    of('distil', memory / 10, Math.sqrt(flops / ((TOKENS_PER_PARAMETER / 2) * 5))),
  ];
}

/** What a model can do in the time. */
export interface ModelCapacity {
  readonly work: Capacity['work'] | 'prune';
  /** Tokens that can be read; absent where the work reads next to none. */
  readonly tokens?: number;
  /** Bytes that it takes. */
  readonly bytes: number;
  readonly fits: boolean;
}

/** The same for a model and the student that is made of it, in batches of 4 × 256 tokens. */
export function capacitiesOf(
  model: ModelShape,
  student: ModelShape,
  { rate, seconds, memory }: Means,
): readonly ModelCapacity[] {
  const length = Math.min(256, model.architecture.contextLength);
  const of = (work: ModelCapacity['work'], bytes: number, flops?: number): ModelCapacity => ({
    work,
    ...(flops === undefined ? {} : { tokens: Math.floor((rate * seconds) / flops) }),
    bytes,
    fits: bytes <= memory,
  });
  const scorers = [activationScorer(), blockInfluenceScorer()];
  const calibration = calibrateBytes(model, { scorers, samples: SAMPLES }, { batch: 4, length });
  const { total } = stepBytes({
    student,
    teacher: model,
    losses: [{ term: forwardKlLoss(), weight: 1 }],
    optimizer: adamw(),
    clipNorm: 1,
    batch: 4,
    length,
  });
  return [
    of('calibrate', calibration.total, forwardFlops(model, length)),
    of('prune', checkMaskedBytes(model).total),
    of('distil', total, trainFlops(student, length, model)),
  ];
}
