// What a plan needs, held against what the machine has, before anything is spent.
import { InputError, modelParameters, weightBytes, type Logger } from '@espalier/core';
import { formatBytes } from '../report/format.js';
import type { PlannedStep } from '../steps/plan-steps.js';
import type { Machine } from './machine.js';

/** Something that there is too little of. */
export interface Shortage {
  /** As errors say it. */
  readonly parts: { readonly asked: string; readonly found: string; readonly fix: string };
  /** Whether the need is counted, so that the run cannot end well; an estimate otherwise. */
  readonly certain: boolean;
}

/** A plan, and what runs it. */
export interface Needed {
  readonly planned: readonly PlannedStep[];
  /** Rows that each step trains, by the name of the step: each leaves a model in the run folder. */
  readonly trainings: ReadonlyMap<string, number>;
  /** Whether programs run in the machine's own memory; that of other devices is not known. */
  readonly onHost: boolean;
  /** Whether the run is kept in a folder. */
  readonly inFolder: boolean;
}

/** What the machine lacks, step by step, and then on the disk; empty where nothing is known to be short. */
export function shortages({ planned, trainings, onHost, inFolder }: Needed, machine: Machine): readonly Shortage[] {
  const memory = onHost ? planned.flatMap((step) => memoryShortage(step, machine) ?? []) : [];
  const disk = inFolder ? diskShortage(planned, trainings, machine) : undefined;
  return disk === undefined ? memory : [...memory, disk];
}

/**
 * Bytes that a step takes for certain: the weights of what it cuts, or student, moments and gradients once and the teacher. A
 * second buffer of the state, activations and the rest are estimates on top.
 */
export function certainBytes({ from, memory: { state, gradients, teacher } }: PlannedStep): number {
  return Math.max(weightBytes(from, 'F32'), state / 2 + gradients + teacher);
}

function memoryShortage(step: PlannedStep, { memory, available }: Machine): Shortage | undefined {
  if (step.atMost === true) return undefined;
  const [certain, { total, teacher }] = [certainBytes(step), step.memory];
  const asked = `take step "${step.name}" on this machine`;
  const parts = `${formatBytes(teacher)} of it the teacher, about ${formatBytes(total)} in all with activations and buffers`;
  if (certain > memory) {
    const found = `it needs at least ${formatBytes(certain)} of memory (${parts}), and there are ${formatBytes(memory)}`;
    const fix =
      'Take a smaller model or target, an optimiser with fewer moments (sgd), or a machine with more memory; or go on all the same (--allow-shortage, in code allowShortage)';
    return { parts: { asked, found, fix }, certain: true };
  }
  if (total <= available) return undefined;
  const found = `it needs about ${formatBytes(total)} of memory, and ${formatBytes(available)} are free`;
  const fix = 'Take a smaller batch or length (accumulate makes several batches one step), or end other programs';
  return { parts: { asked, found, fix }, certain: false };
}

/** Models are counted in two bytes a number, and one checkpoint: what is kept is that or more. */
function diskShortage(
  planned: readonly PlannedStep[],
  trainings: ReadonlyMap<string, number>,
  { disk = Infinity }: Machine,
): Shortage | undefined {
  const known = planned.filter(({ atMost }) => atMost !== true);
  const models = known.map((step) => (trainings.get(step.name) ?? 1) * weightBytes(step.to, 'BF16'));
  const checkpoints = known.map(({ to, resolved }) => {
    return 4 * modelParameters(to).parameters * (1 + resolved.optimizer.moments.length);
  });
  const need = models.reduce((sum, own) => sum + own, 0) + Math.max(0, ...checkpoints);
  if (need <= disk) return undefined;
  return {
    certain: true,
    parts: {
      asked: 'keep the run on this disk',
      found: `its models and a checkpoint take at least ${formatBytes(need)}, and ${formatBytes(disk)} are free`,
      fix: 'Free some space, choose a run folder on another disk (--run, in code folder), or go on all the same (--allow-shortage, in code allowShortage)',
    },
  };
}

/** The shortage in a line. */
export function shortageWords({ parts: { asked, found, fix } }: Shortage): string {
  return `${asked}: ${found}. ${fix}.`;
}

/** Throws `InputError` for the first shortage that is certain, unless it is allowed; tells the others. */
export function settleShortages(
  all: readonly Shortage[],
  { allow, logger }: { readonly allow: boolean; readonly logger: Pick<Logger, 'warn'> },
): void {
  for (const own of all) {
    if (own.certain && !allow) throw new InputError(own.parts);
    logger.warn(shortageWords(own));
  }
}
