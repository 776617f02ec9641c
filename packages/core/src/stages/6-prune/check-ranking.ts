// Whether a ranking is worth anything: the loss of the model cut by it, by a random one, and by its reverse, all with masks on a
// few batches.
import { hostFloats, hostIntegers, hostNumber, type HostTensors } from '../../backend/index.js';
import { runnerBytes, type RunBytes } from '../../cost/index.js';
import type { BatchSize, SizedBatches } from '../../data/index.js';
import { InputError } from '../../errors.js';
import { present } from '../../look-up.js';
import { crossEntropy, input, multiply, program, reshape, sum, type Program } from '../../graph/index.js';
import {
  createRunner,
  maskInputs,
  maskValues,
  runnerWeights,
  type Architecture,
  type Model,
  type ModelShape,
  type PrunePlan,
} from '../../model/index.js';
import { finiteResult } from '../../pipeline/finite.js';
import { shareOf } from '../../pipeline/events.js';
import { stage, type Stage, type StageContext } from '../../pipeline/index.js';
import type { Random } from '../../random.js';
import type { Scores } from '../4-score/index.js';
import { makePlan } from './prune.js';
import type { Pruner } from './pruner.js';

/** Batches that are read. */
const BATCHES = 4;

/** What rankings are compared on. */
export interface RankingOptions {
  /** Turns each ranking into a plan. */
  readonly pruner: Pruner;
  /** Text in batches, which know their size; a few are read. */
  readonly data: SizedBatches;
  /** Batches that are read; 4 when not given. */
  readonly batches?: number;
}

/** Mean cross-entropy per token of the cut model, in nats. A type, not an interface: it goes into events. */
export type RankingLosses = {
  /** Cut by the ranking. */
  readonly sorted: number;
  /** Cut by the same scores in random order. */
  readonly random: number;
  /** Cut by the ranking from its end: what is important goes first. */
  readonly reversed: number;
};

/**
 * Losses under the plans of the ranking, of a random one, and of the reverse; one compiled program for all. Throws
 * `InputError` as `makePlan`, when the data holds no token that counts, and for a loss that is NaN or infinite.
 */
export async function rankingLosses(
  model: Model,
  scores: Partial<Scores>,
  target: Architecture,
  { pruner, data, batches = BATCHES }: RankingOptions,
  context: StageContext,
): Promise<RankingLosses> {
  const { architecture } = model;
  const plan = (own: Partial<Scores>): PrunePlan => makePlan(pruner, architecture, own, target);
  const random = context.random.fork('check ranking');
  const plans = {
    sorted: plan(scores),
    random: plan(mapScores(scores, (list, label) => shuffled(list, random.fork(label)))),
    reversed: plan(mapScores(scores, (list) => list.map((score) => -score))),
  };
  const masks = Object.entries(plans).map(([name, own]) => [name, maskValues(architecture, own)] as const);
  const size = [data.batch, data.length];
  const losses = lossProgram(model, data);
  const fed: HostTensors[] = [];
  let tokens = 0;
  for await (const own of data) {
    fed.push({
      ids: hostIntegers(own.ids, size),
      targets: hostIntegers(own.targets, size),
      weights: hostFloats(own.weights, size),
    });
    tokens += own.weights.reduce((a, b) => a + b, 0);
    if (fed.length === batches) break;
  }
  const totals = new Map<string, number>();
  const runner = await createRunner(model, context);
  try {
    const runs = fed.flatMap((inputs) => masks.map(([name, values]) => ({ name, inputs: { ...values, ...inputs } })));
    const all = runs.map(({ inputs }) => inputs);
    const { outputs } = await runner.runAll(losses, all, {
      progress: shareOf(all.length, 'batches', context.watch),
    });
    for (const [index, { name }] of runs.entries()) {
      totals.set(name, (totals.get(name) ?? 0) + hostNumber(outputs[index]?.['loss']));
    }
  } finally {
    await runner.dispose();
  }
  const per = (name: keyof RankingLosses): number => {
    if (tokens > 0)
      return finiteResult(`the loss when cut by the ${name} ranking`, present(totals.get(name), name) / tokens);
    const fix = 'Give text of the length that is asked for, or a smaller batch';
    throw new InputError({ asked: 'check the ranking', found: 'no prediction of the text counts', fix });
  };
  return { sorted: per('sorted'), random: per('random'), reversed: per('reversed') };
}

/** Bytes of a process that compares three rankings on batches of this size. */
export function rankingBytes(model: ModelShape, size: BatchSize): RunBytes {
  return runnerBytes(model, lossProgram(model, size), { batches: 3 * BATCHES });
}

function lossProgram(model: ModelShape, { batch, length }: BatchSize): Program {
  const size = [batch, length];
  const weights = input('weights', size, 'float32');
  const logits = model.family.forward(model.architecture, {
    ids: input('ids', size, 'int32'),
    weight: runnerWeights(model),
    masks: maskInputs(model.architecture),
  });
  const mean = crossEntropy(logits, reshape(input('targets', size, 'int32'), [-1]), reshape(weights, [-1]));
  return program('check ranking', { outputs: { loss: reshape(multiply(mean, reshape(sum(weights), [])), []) } });
}

/** Reports the losses of `rankingLosses`, as a warning as well where the ranking does not beat both others. Throws alike. */
export function checkRanking<
  State extends {
    /** The model to be pruned. */
    readonly teacher: Model;
    /** Shape of the student. */
    readonly target: Architecture;
    /** The ranking. */
    readonly scores: Partial<Scores>;
  },
>(
  options: RankingOptions,
): Stage<
  State,
  State & {
    /** What was measured. */
    readonly rankingLosses: RankingLosses;
  }
> {
  return stage('check ranking', async (state: State, context, tools) => {
    const losses = await rankingLosses(state.teacher, state.scores, state.target, options, context);
    const text = Object.entries(losses).map(([name, loss]) => `${name} ${loss.toFixed(4)}`);
    const message = `loss when cut by the ranking: ${text.join(', ')}`;
    tools.report({ type: 'finding', name: 'ranking', message, data: losses });
    if (!(losses.sorted < losses.random && losses.sorted < losses.reversed)) {
      const advice = 'calibrate on more samples or on text like the model has learnt from, or use another scorer';
      tools.report({
        type: 'warning',
        message: `the ranking is no better than chance (${text.join(', ')}): ${advice}`,
      });
    }
    return { ...state, rankingLosses: losses };
  });
}

/** The same axes with every list changed. */
function mapScores(
  scores: Partial<Scores>,
  change: (list: readonly number[], label: string) => readonly number[],
): Partial<Scores> {
  const entries = Object.entries(scores).map(([axis, own]: [string, readonly (number | readonly number[])[]]) => {
    const nested = own.every((item) => typeof item !== 'number');
    const changed = nested
      ? own.map((list, layer) => change(list, `${axis} ${layer}`))
      : change(own as readonly number[], axis);
    return [axis, changed] as const;
  });
  return Object.fromEntries(entries);
}

function shuffled(list: readonly number[], random: Random): readonly number[] {
  return random.shuffle(list);
}
