// What the search stage tells: the space before anything is spent, the candidates after their trials, the chosen shape.
import { modelParameters } from '../../cost/index.js';
import type { Workload } from '../../cost/memory.js';
import { describeArchitecture, type Architecture, type Model, type ModelFamily } from '../../model/index.js';
import type { Json, StageTools } from '../../pipeline/index.js';
import { computedBudget } from './budget.js';
import type { Ranked, SearchStrategy, Sized } from './search-strategy.js';
import { compareSpeed, speedDoubts } from './speed.js';
import { grouped, isTimed, type Target } from './target.js';
import type { Found } from './timed-search.js';
import type { Timer } from './timer.js';
import { at } from '../../look-up.js';

/** Further below its target than this, a student deserves a remark. */
const NEAR = 0.1;

type Unit = (amount: number) => string;

/** Sizes of the space, and what the trials will take; nothing for a strategy that does not enumerate. */
export function reportSpace(
  { space, candidates }: Found,
  unit: Unit,
  strategy: SearchStrategy,
  tools: StageTools,
): void {
  if (space === undefined) return;
  const { shapes, feasible, smallest, largest, nearest } = space;
  const around = nearest.map(({ cost }) => unit(cost)).join(' and ');
  const tokens = strategy.trains === true ? strategy.tokens(candidates.length) : 0;
  const trials = tokens === 0 ? '' : `, ${candidates.length} of them are tried on ${grouped(tokens)} tokens in all`;
  tools.report({
    type: 'finding',
    name: 'space',
    message: `${grouped(shapes)} shapes from ${unit(smallest.cost)} to ${unit(largest.cost)}: ${grouped(feasible)} within the budget, the nearest to its end are ${around}${trials}`,
    data: {
      shapes,
      feasible,
      smallest: sized(smallest),
      largest: sized(largest),
      nearest: nearest.map(sized),
      candidates: candidates.map((own) => ({ ...sized(own), proxy: own.proxy })),
      tokens,
    },
  });
}

/** What the trials found, as a table and as the Pareto front; gives the winner, and says when it won by less than the noise. */
export function reportRanking(ranked: readonly Ranked[], family: ModelFamily, unit: Unit, tools: StageTools): Ranked {
  const [first, second] = ranked;
  if (first === undefined) throw new RangeError('no candidate is left');
  const front = paretoFront(ranked);
  const row = (own: Ranked): Json => ({
    name: shapeName(own.architecture),
    ...shapeOf(own.architecture),
    parameters: modelParameters({ family, architecture: own.architecture }).parameters,
    cost: own.cost,
    proxy: own.proxy,
    tokens: own.tokens,
    loss: own.loss,
    pareto: front.includes(own),
    chosen: own === first,
  });
  tools.report({
    type: 'finding',
    name: 'candidates',
    message: `candidates by validation loss: ${ranked.map(({ loss, cost }) => `${loss.toFixed(4)} at ${unit(cost)}`).join('; ')}`,
    data: { candidates: ranked.map(row) },
  });
  if (second?.tokens !== first.tokens) return first;
  const { mean, error } = pairedDifference(second, first);
  if (mean > 2 * error) return first;
  tools.report({
    type: 'warning',
    message:
      `the first candidate is within the noise of the second: their losses differ by ${mean.toFixed(4)} ± ${(2 * error).toFixed(4)} ` +
      `(two standard errors over ${first.losses.length} batches); longer trials or more validation text would tell them apart`,
  });
  return first;
}

/** Those that no other beats in both cost and loss. */
export function paretoFront(ranked: readonly Ranked[]): readonly Ranked[] {
  const beats = (a: Ranked, b: Ranked): boolean =>
    a.cost <= b.cost && a.loss <= b.loss && (a.cost < b.cost || a.loss < b.loss);
  return ranked.filter((own) => !ranked.some((other) => beats(other, own)));
}

/** Mean of loss differences batch by batch, and its standard error; infinite for fewer than two batches. */
export function pairedDifference(
  a: Pick<Ranked, 'losses'>,
  b: Pick<Ranked, 'losses'>,
): { readonly mean: number; readonly error: number } {
  const differences = a.losses.map((loss, index) => loss - at(b.losses, index));
  const count = differences.length;
  const mean = differences.reduce((total, own) => total + own, 0) / count;
  if (count < 2) return { mean, error: Infinity };
  const variance = differences.reduce((total, own) => total + (own - mean) ** 2, 0) / (count - 1);
  return { mean, error: Math.sqrt(variance / count) };
}

/** Parameters before and after, and a remark when the target could not be met closely. */
export function reportSizes(
  model: Model,
  architecture: Architecture,
  target: Target,
  { tolerance }: SearchStrategy,
  tools: StageTools,
): void {
  const before = modelParameters(model);
  const after = modelParameters({ ...model, architecture });
  const line = (name: 'parameters' | 'nonEmbeddingParameters'): string =>
    `${grouped(before[name])} to ${grouped(after[name])} (${((100 * after[name]) / before[name]).toFixed(1)}%)`;
  tools.report({
    type: 'finding',
    name: 'shape',
    message: `${describeArchitecture(architecture)}: parameters ${line('parameters')}, without embeddings ${line('nonEmbeddingParameters')}`,
    data: { before: { ...before }, after: { ...after } },
  });
  if (isTimed(target)) return;
  const { most, cost, describe } = computedBudget(model, target, tolerance);
  const below = 1 - cost(architecture) / most;
  if (below <= NEAR) return;
  const reached = describe(cost(architecture));
  tools.report({
    type: 'finding',
    name: 'below-target',
    message: `${reached} are the nearest possible at or below ${describe(most)}, ${(100 * below).toFixed(1)}% under it`,
    data: { target: most, reached: cost(architecture) },
  });
}

/** Measured times before and after; a warning, with what may be the reason, unless the student is faster beyond the noise. */
export async function reportSpeed(
  model: Model,
  architecture: Architecture,
  workload: Workload,
  timer: Timer,
  tools: StageTools,
): Promise<void> {
  const { before, after, speedUp, margin } = await compareSpeed(model.architecture, architecture, timer);
  const [old, own] = [before.milliseconds, after.milliseconds];
  tools.report({
    type: 'finding',
    name: 'speed',
    message: `a forward pass over ${workload.batch} × ${workload.length} tokens takes ${own.toPrecision(3)} ms, ${speedUp.toFixed(2)} times as fast as before`,
    data: { before: { ...before }, after: { ...after }, speedUp, margin },
  });
  if (speedUp > 1 + margin) return;
  const doubts = speedDoubts(model, { ...model, architecture }, workload);
  const reasons = doubts.length === 0 ? '' : `: ${doubts.join('; ')}`;
  tools.report({
    type: 'warning',
    message: `this shape will not be faster on this machine (${old.toPrecision(3)} ms before, ${own.toPrecision(3)} ms after, noise ${(100 * margin).toFixed(0)}%)${reasons}`,
  });
}

/** `32 layers, hidden 3072, ffn 9216, heads 24`: tells the candidates of one search apart. */
function shapeName({ layers, sizes }: Architecture): string {
  return `${layers} layers, hidden ${sizes.hidden}, ffn ${sizes.ffn}, heads ${sizes.heads}`;
}

function sized({ architecture, cost }: Sized): { readonly [size: string]: number } {
  return { ...shapeOf(architecture), cost };
}

function shapeOf({ layers, sizes }: Architecture): { readonly [size: string]: number } {
  const { hidden, ffn, heads, kvHeads } = sizes;
  return { layers, hidden, ffn, heads, kvHeads };
}
