// Narrower layers: the hidden size and the feed-forward size shrink alike, heads and layers stay, as Minitron found best for
// moderate compression (Sreenivas et al. 2024, section 4).
import { at, InputError, strategy, type Architecture, type Budget, type ModelShape } from '@espalier/core';

/** Shapes this near below the target count as near enough: among them, the most even one is taken. */
const NEAR = 0.02;

interface Candidate {
  readonly architecture: Architecture;
  readonly cost: number;
  /** |log| of how differently hidden and ffn shrink; 0 = by the same factor. */
  readonly unevenness: number;
}

/**
 * The shape whose hidden and ffn sizes shrink most evenly, of those within 2% below the budget or, when the steps allow none,
 * the nearest one below it (heads and layers stay: Sreenivas et al. 2024, section 4). `choose` throws `InputError` when even
 * the narrowest is above the budget.
 */
export const proportionalWidthSearch = strategy('search', {
  name: 'proportional-width',
  summary: 'hidden and ffn shrink by about the same factor; heads and layers stay',
  create: () => ({
    choose({ architecture, family }, budget) {
      const candidates = hiddenSizes({ architecture, family }).flatMap(
        (size) => widestFfn(architecture, size, budget) ?? [],
      );
      const [first, ...rest] = candidates;
      if (first === undefined) throw tooSmall({ architecture, family }, budget);
      return rest.reduce((best, own) => (isBetter(own, best, budget.most) ? own : best), first).architecture;
    },
  }),
});

/** Multiples of the step, or for each the size next below it with which other tools load the model; ascending. */
function hiddenSizes({ architecture, family }: ModelShape): readonly number[] {
  const { sizes } = architecture;
  const loads = (hidden: number): boolean =>
    family.problem?.({ ...architecture, sizes: { ...sizes, hidden } }) === undefined;
  const below = steps(sizes.hidden, hiddenStep(sizes.hidden)).map((size) => {
    let own = size;
    while (own > 0 && !loads(own)) own--;
    return own;
  });
  return [...new Set(below)].filter((size) => size > 0);
}

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

/** The largest feed-forward size that the budget allows beside a hidden size. */
function widestFfn(architecture: Architecture, hidden: number, budget: Budget): Candidate | undefined {
  const { sizes } = architecture;
  const choices = steps(sizes.ffn, ffnStep(sizes.ffn));
  let [low, high] = [0, choices.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (resized(architecture, hidden, at(choices, middle), budget).cost <= budget.most) low = middle + 1;
    else high = middle;
  }
  const ffn = choices[low - 1];
  return ffn === undefined ? undefined : resized(architecture, hidden, ffn, budget);
}

function resized(before: Architecture, hidden: number, ffn: number, { cost }: Budget): Candidate {
  const { sizes } = before;
  const architecture = { ...before, sizes: { ...sizes, hidden, ffn } };
  const unevenness = Math.abs(Math.log(hidden / sizes.hidden / (ffn / sizes.ffn)));
  return { architecture, cost: cost(architecture), unevenness };
}

function isBetter(a: Candidate, b: Candidate, most: number): boolean {
  const floor = most * (1 - NEAR);
  if (a.cost < floor || b.cost < floor) return a.cost > b.cost;
  return a.unevenness < b.unevenness;
}

function tooSmall(model: ModelShape, budget: Budget): InputError {
  const { ffn } = model.architecture.sizes;
  const smallest = resized(model.architecture, at(hiddenSizes(model), 0), at(steps(ffn, ffnStep(ffn)), 0), budget);
  const { sizes } = smallest.architecture;
  return new InputError({
    asked: `prune to ${budget.describe(budget.most)} by width`,
    found: `the narrowest shape, hidden ${sizes.hidden} and ffn ${sizes.ffn}, has more`,
    fix: `Give at least ${budget.describe(smallest.cost)}, or prune by depth`,
  });
}
