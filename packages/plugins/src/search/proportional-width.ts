// Narrower layers: the hidden size and the feed-forward size shrink alike, heads and layers stay, as Minitron found best for
// moderate compression (Sreenivas et al. 2024, section 4).
import {
  InputError,
  modelParameters,
  targetParameters,
  type Architecture,
  type ModelShape,
  type SearchStrategy,
} from '@espalier/core';

/** Shapes this near below the target count as near enough: among them, the most even one is taken. */
const NEAR = 0.02;

interface Candidate {
  readonly architecture: Architecture;
  readonly parameters: number;
  /** |log| of how differently hidden and ffn shrink; 0 = by the same factor. */
  readonly unevenness: number;
}

/** The most even shape within 2% below the target or, when the steps allow none, the nearest one below it. */
export const proportionalWidthSearch: SearchStrategy = {
  name: 'proportional-width',
  summary: 'hidden and ffn shrink by about the same factor; heads and layers stay',
  choose(model, target) {
    const limit = targetParameters(model, target);
    const { hidden } = model.architecture.sizes;
    const candidates = steps(hidden, hiddenStep(hidden)).flatMap((size) => widestFfn(model, size, limit) ?? []);
    const [first, ...rest] = candidates;
    if (first === undefined) throw tooSmall(model, limit);
    return rest.reduce((best, own) => (isBetter(own, best, limit) ? own : best), first).architecture;
  },
};

/** Multiples that hardware and quantised formats like, as far as a model of this size can afford them. */
function hiddenStep(hidden: number): number {
  return hidden >= 2048 ? 256 : hidden >= 64 ? 8 : 4;
}

/** About 2% of the size at most: with hidden fixed, this step decides how near the target a shape can come. */
function ffnStep(ffn: number): number {
  const [step] = ffnSteps.find(([, least]) => ffn >= least) ?? [1];
  return step;
}

const ffnSteps: readonly (readonly [step: number, least: number])[] = [
  [256, 8192],
  [128, 4096],
  [64, 2048],
  [32, 1024],
  [4, 256],
  [2, 128],
];

/** Multiples of the step below the size, and the size itself; ascending. */
function steps(size: number, step: number): readonly number[] {
  const below = Math.ceil(size / step) - 1;
  return [...Array.from({ length: below }, (_, index) => (index + 1) * step), size];
}

/** The largest feed-forward size that the limit allows beside a hidden size. */
function widestFfn(model: ModelShape, hidden: number, limit: number): Candidate | undefined {
  const { sizes } = model.architecture;
  const choices = steps(sizes.ffn, ffnStep(sizes.ffn));
  let [low, high] = [0, choices.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (resized(model, hidden, choices[middle] ?? 0).parameters <= limit) low = middle + 1;
    else high = middle;
  }
  const ffn = choices[low - 1];
  return ffn === undefined ? undefined : resized(model, hidden, ffn);
}

function resized(model: ModelShape, hidden: number, ffn: number): Candidate {
  const { sizes } = model.architecture;
  const architecture = { ...model.architecture, sizes: { ...sizes, hidden, ffn } };
  const { parameters } = modelParameters({ ...model, architecture });
  return { architecture, parameters, unevenness: Math.abs(Math.log(hidden / sizes.hidden / (ffn / sizes.ffn))) };
}

function isBetter(a: Candidate, b: Candidate, limit: number): boolean {
  const floor = limit * (1 - NEAR);
  if (a.parameters < floor || b.parameters < floor) return a.parameters > b.parameters;
  return a.unevenness < b.unevenness;
}

function tooSmall(model: ModelShape, limit: number): InputError {
  const { hidden, ffn } = model.architecture.sizes;
  const smallest = resized(model, steps(hidden, hiddenStep(hidden))[0] ?? 1, steps(ffn, ffnStep(ffn))[0] ?? 1);
  const { sizes } = smallest.architecture;
  return new InputError({
    asked: `prune to ${limit.toLocaleString('en-GB')} parameters by width`,
    found: `the narrowest shape, hidden ${sizes.hidden} and ffn ${sizes.ffn}, has more`,
    fix: `Give at least ${smallest.parameters.toLocaleString('en-GB')}, or prune by depth`,
  });
}
