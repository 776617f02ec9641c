// Settings with which a training fits a memory: rows of logits at a time, layers computed twice. Predicted from the programs
// themselves, before anything is allocated.
import { gib } from '../../backend/failures.js';
import { programBytes, weightBytes } from '../../cost/index.js';
import { PROCESS_BYTES } from '../../cost/runner-memory.js';
import { InputError } from '../../errors.js';
import { elementCount, type Program } from '../../graph/index.js';
import { runsLayered, weightSpecs } from '../../model/index.js';
import { stateNames, trainStateTypes } from './parameters.js';
import type { TrainStepOptions } from './step-options.js';
import { stepPrograms } from './stepper.js';

/** Bytes of logits at a time, where they are made in parts. */
const LOGIT_BYTES = [64 * 2 ** 20, 16 * 2 ** 20, 4 * 2 ** 20];

/** How a training fits. */
export interface FittedStep {
  /** With what keeps to the memory. */
  readonly options: TrainStepOptions;
  /** As predicted. */
  readonly bytes: StepBytes;
}

/** Bytes of a process that trains, at its worst moment, by what they are for. */
export interface StepBytes {
  /** What is trained, moments, accumulated gradients; next values of those that are not replaced where they lie. */
  readonly state: number;
  /** Weights of a teacher that does not learn: float32, or of a large one the pages of its files, taken to be of 16 bits a number. */
  readonly teacher: number;
  /** Gradients, activations, logits: values of the program that holds most. */
  readonly values: number;
  /** The sum, with what the process takes besides. */
  readonly total: number;
}

/**
 * What a process takes that runs the steps on a device whose memory is that of the process. Predicted from the programs, of which
 * nothing is compiled or allocated. Throws as `stepPrograms`.
 */
export function stepBytes(options: TrainStepOptions, accumulate = 1): StepBytes {
  const made = stepPrograms(options, accumulate);
  const { teacher: taught, correction } = options;
  const whole = taught === undefined || correction !== undefined ? 0 : weightBytes(taught, 'F32');
  const mapped = whole > 0 && taught !== undefined && runsLayered(taught);
  const programs = made.whole === undefined ? [made.gradients, made.apply] : [made.whole];
  const size = (types: Program['states']): number =>
    Object.values(types).reduce((total, { shape }) => total + 4 * elementCount(shape), 0);
  const stored = new Set(mapped ? weightSpecs(taught).map(({ name }) => stateNames.teacher(name)) : []);
  const counted = programs.map((own) => programBytes(own, (name) => stored.has(name)));
  const next = counted.reduce((total, own) => total + own.next, 0);
  const values = Math.max(...counted.map((own) => own.values)) + counted.reduce((total, { fixed }) => total + fixed, 0);
  const held = size(trainStateTypes(options, { accumulate: accumulate > 1 }));
  const teacher = mapped ? whole / 2 : whole;
  const state = held - whole + next;
  return { state, teacher, values, total: PROCESS_BYTES + state + teacher + values };
}

/**
 * The first of the settings, from the fastest on, with which a training takes no more than `memory` bytes. Settings that `options` has
 * stay. Throws `InputError`, saying with which batch or length it would fit, where there is none.
 */
export function fitMemory(options: TrainStepOptions, memory: number, accumulate = 1): FittedStep {
  const found = fitting(options, memory, accumulate);
  if ('options' in found) return found;
  const asked = `train ${options.batch} × ${options.length} tokens at a time within ${gib(memory)}`;
  const smaller = nearest(options, memory, accumulate);
  throw new InputError({
    asked,
    found: `it takes about ${gib(found.least)} at least, with layers computed twice and few logits at a time`,
    fix:
      smaller === undefined
        ? `Take a smaller model, or a memory of more than ${gib(stepBytes(leanest({ ...options, batch: 1, length: 1 }), accumulate).total)}`
        : `Take batch ${smaller.batch} and length ${smaller.length}, or a memory of ${gib(found.least)}`,
  });
}

/** What was chosen, in words. */
export function describeFit({ options, bytes }: FittedStep, memory: number): string {
  const { recompute = false, logitRows, batch, length } = options;
  const chosen = [
    ...(recompute ? ['layers are computed twice'] : []),
    ...(logitRows === undefined ? [] : [`logits of ${logitRows} of ${batch * length} rows at a time`]),
  ];
  return `training takes about ${gib(bytes.total)} of ${gib(memory)}: ${chosen.length === 0 ? 'as it is' : chosen.join(', ')}`;
}

function fitting(
  options: TrainStepOptions,
  memory: number,
  accumulate: number,
): FittedStep | { readonly least: number } {
  let least = Infinity;
  for (const own of candidates(options)) {
    const bytes = stepBytes(own, accumulate);
    if (bytes.total <= memory) return { options: own, bytes };
    least = Math.min(least, bytes.total);
  }
  return { least };
}

/** Fewer logits at a time cost little, layers that are computed twice a third of the work. */
function candidates(options: TrainStepOptions): readonly TrainStepOptions[] {
  const rows = options.logitRows === undefined ? [undefined, ...logitRows(options)] : [undefined];
  const cut = rows.map((own) => (own === undefined ? options : { ...options, logitRows: own }));
  return options.recompute === undefined ? [...cut, ...cut.map((own) => ({ ...own, recompute: true }))] : cut;
}

function leanest(options: TrainStepOptions): TrainStepOptions {
  return candidates(options).at(-1) ?? options;
}

function logitRows({ student, teacher, precision, batch, length }: TrainStepOptions): readonly number[] {
  const vocabulary = Math.max(student.architecture.sizes.vocab, teacher?.architecture.sizes.vocab ?? 0);
  const rows = LOGIT_BYTES.map((bytes) => Math.max(1, Math.floor(bytes / (4 * vocabulary))));
  return precision === 'float16' ? [] : rows.filter((own) => own < batch * length);
}

/** The largest batch that fits, halved from the one asked for; of batch 1, the largest length. */
function nearest(
  options: TrainStepOptions,
  memory: number,
  accumulate: number,
): Pick<TrainStepOptions, 'batch' | 'length'> | undefined {
  let { batch, length } = options;
  while (batch > 1 || length > 1) {
    if (batch > 1) batch = Math.floor(batch / 2);
    else length = Math.floor(length / 2);
    if (stepBytes(leanest({ ...options, batch, length }), accumulate).total <= memory) return { batch, length };
  }
  return undefined;
}
