// What a plan needs, held against what the machine has, before anything is spent.
import { InputError, runsLayered, modelParameters, runsBackwards, weightBytes, type Logger } from '@espalier/core';
import { formatBytes, formatInteger } from '../report/format.js';
import type { PlannedStep } from '../steps/plan-steps.js';
import { largestStage, type StageMemory } from '../steps/stage-memory.js';
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
  /** How many of the newest checkpoints stay; the best one and the one that is being written stand beside them. */
  readonly keep: number;
  /** How far the run goes: to scores, to a plan, or through its trainings; all the way when not given. */
  readonly extent?: Extent;
}

/** What a run is for, by what it holds in memory. */
export type Extent = 'score' | 'cut' | 'train';

/** What the machine lacks, step by step, and then on the disk; empty where nothing is known to be short. */
export function shortages(needed: Needed, machine: Machine): readonly Shortage[] {
  const { planned, onHost, inFolder, extent = 'train' } = needed;
  const short = (step: PlannedStep): Shortage | undefined =>
    extent === 'train' ? memoryShortage(step, machine) : loadShortage(step, extent, machine);
  const memory = onHost ? planned.flatMap((step) => short(step) ?? []) : [];
  const disk = inFolder && extent === 'train' ? diskShortage(needed, machine) : undefined;
  return disk === undefined ? memory : [...memory, disk];
}

/**
 * Bytes that a step takes for certain: the weights of what it cuts where they are not read layer by layer, or student and moments, and
 * a teacher that is not read where it lies. The values of a program are an estimate on top.
 */
export function certainBytes({ from, teacher: taught, memory: { state, teacher } }: PlannedStep): number {
  return Math.max(runsLayered(from) ? 0 : weightBytes(from, 'F32'), state + (runsLayered(taught) ? 0 : teacher));
}

function memoryShortage(step: PlannedStep, { memory, available }: Machine): Shortage | undefined {
  if (step.atMost === true) return undefined;
  const [certain, { total, teacher }] = [certainBytes(step), step.memory];
  const asked = `take step "${step.name}" on this machine`;
  const parts = `${formatBytes(teacher)} of it the teacher, about ${formatBytes(total)} in all with gradients and activations`;
  if (certain > memory) {
    const found = `it needs at least ${formatBytes(certain)} of memory (${parts}), and there are ${formatBytes(memory)}`;
    const fix =
      'Take a smaller model or target, an optimiser with fewer moments (sgd), or a machine with more memory; or go on all the same (--allow-shortage, in code allowShortage)';
    return { parts: { asked, found, fix }, certain: true };
  }
  return likelyShortage(asked, step.stages, available);
}

function likelyShortage(asked: string, stages: readonly StageMemory[], available: number): Shortage | undefined {
  const most = largestStage(stages);
  if (most === undefined || most.bytes <= available) return undefined;
  const found = `${most.run} · ${most.stage} needs about ${formatBytes(most.bytes)} of memory, and ${formatBytes(available)} are free`;
  const fix = 'Take a smaller batch or length (accumulate makes several batches one step), or end other programs';
  return { parts: { asked, found, fix }, certain: false };
}

/** Stages that a run which ends before it trains comes to. */
const before: Readonly<Record<'score' | 'cut', readonly string[]>> = {
  score: ['calibrate'],
  cut: ['calibrate', 'score depth', 'check ranking', 'prune'],
};

/**
 * A run that ends before it trains needs the weights of what it cuts where a program of the whole model is run, else nearly nothing: a
 * large model runs forward layer by layer.
 */
function loadShortage(
  step: PlannedStep,
  extent: 'score' | 'cut',
  { memory, available }: Machine,
): Shortage | undefined {
  const { scorers, search, depth, step: own } = step.resolved;
  const certain = weightBytes(step.from, 'F32');
  const asked = `take step "${step.name}" on this machine`;
  const stages = step.stages.filter(({ stage }) => before[extent].includes(stage));
  const likely = likelyShortage(asked, stages, available);
  if (certain <= memory) return likely;
  const observed = scorers.flatMap((scorer) => scorer.observe(step.from.architecture));
  const tries = own.checkCut || own.importance.checkRanking || depth !== undefined;
  const forward = observed.length > 0 || (extent === 'cut' && tries);
  const whole = runsBackwards(step.from, observed) || (extent === 'cut' && search.trains === true);
  if (!whole && (runsLayered(step.from) || !forward)) return likely;
  const found = `the whole model is loaded, ${formatBytes(certain)} in float32, and there are ${formatBytes(memory)} of memory`;
  const without = whole
    ? 'Score without gradients (importance.scorers without taylor) and choose a search that does not train'
    : 'Score by the weights alone (importance.scorers: [magnitude]) and leave out what loads it (checkCut: false)';
  const fix = `${without}, or take a machine with more memory; or go on all the same (--allow-shortage, in code allowShortage)`;
  return { parts: { asked, found, fix }, certain: true };
}

/**
 * Models are counted in two bytes a number, a checkpoint in four for each parameter and each of its moments. One checkpoint is needed
 * for certain; a training that takes long has as many at once as are kept, the best one and the one that is being written.
 */
function diskShortage({ planned, trainings, keep }: Needed, { disk = Infinity }: Machine): Shortage | undefined {
  const known = planned.filter(({ atMost }) => atMost !== true);
  const models = known.map((step) => (trainings.get(step.name) ?? 1) * weightBytes(step.to, 'BF16'));
  const checkpoints = known.map(({ to, resolved }) => {
    return 4 * modelParameters(to).parameters * (1 + resolved.optimizer.moments.length);
  });
  const [students, largest] = [models.reduce((sum, own) => sum + own, 0), Math.max(0, ...checkpoints)];
  const [least, most] = [students + largest, students + (keep + 2) * largest];
  if (most <= disk) return undefined;
  const asked = 'keep the run on this disk';
  const free = `${formatBytes(disk)} are free`;
  if (least > disk) {
    const found = `its models and a checkpoint take at least ${formatBytes(least)}, and ${free}`;
    const fix =
      'Free some space, choose a run folder on another disk (--run, in code folder), or go on all the same (--allow-shortage, in code allowShortage)';
    return { certain: true, parts: { asked, found, fix } };
  }
  const each = `${formatBytes(largest)} each`;
  const found = `its models and up to ${keep + 2} checkpoints at once (${each}) take ${formatBytes(most)}, and ${free}`;
  const fix = 'Free some space, keep fewer checkpoints (checkpoints.keep), or choose a run folder on another disk';
  return { certain: false, parts: { asked, found, fix } };
}

/** Operations a second that no thread of a processor exceeds in float32: two units of 16 numbers, at 3 GHz. */
const FASTEST = 2e11;
const DAY = 86_400;

/** What is said of steps that take longer than a month however fast the processor is; empty where there is none. */
export function longSteps(planned: readonly PlannedStep[], threads: number): readonly string[] {
  return planned.flatMap(({ name, tokens, flops, atMost }) => {
    const days = flops / (FASTEST * threads) / DAY;
    if (atMost === true || days < 30) return [];
    const work = `its ${formatInteger(tokens)} training tokens take more than ${formatInteger(Math.floor(days))} days`;
    return [
      `take step "${name}" on this machine: ${work}, at 200 GFLOP/s for each of ${threads} threads. Give fewer (tokens or tokensPerParameter of distillation, --tokens), or use a GPU.`,
    ];
  });
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
