// Narrower layers: the hidden size and the feed-forward size shrink alike, heads and layers stay, as Minitron found best for
// moderate compression (Sreenivas et al. 2024, section 4).
import { at, strategy, type Architecture, type Budget } from '@espalier/core';
import { z } from 'zod';
import { narrowestShape, tooLittle } from './too-little.js';
import { ffnSizes, hiddenWidths, multipleOf, type Width } from './widths.js';

/** Shapes this near below the target count as near enough, the first share sooner than the second: among them, the most even one is taken. */
const NEAR = [0.02, 0.05];
/** Hidden, ffn and heads that shrink more differently than this are taken only where nothing else is near. */
const EVEN = 0.4;

interface Candidate {
  readonly architecture: Architecture;
  readonly cost: number;
  /** |log| of how differently hidden, ffn and heads that go shrink; 0 = by the same factor. */
  readonly unevenness: number;
}

/**
 * The shape whose hidden and ffn sizes shrink most evenly, of those within 2% (else 5%) below the budget or, when the steps allow none,
 * the nearest one below it (heads and layers stay: Sreenivas et al. 2024, section 4; but heads go where they would not divide the hidden size). `choose` throws `InputError` when even
 * the narrowest is above the budget.
 */
export const proportionalWidthSearch = strategy('search', {
  name: 'proportional-width',
  summary: 'hidden and ffn shrink by about the same factor; layers stay, and heads that divide the hidden size',
  options: z.strictObject({ multipleOf }),
  create: ({ multipleOf: multiple }) => ({
    choose({ architecture, family }, budget) {
      const candidates = hiddenWidths({ architecture, family }, multiple).flatMap(
        (width) => widestFfn(architecture, width, budget, multiple) ?? [],
      );
      if (candidates.length === 0)
        throw tooLittle('width', budget, narrowestShape({ architecture, family }, multiple), {
          ...architecture,
          layers: 1,
        });
      return best(candidates, budget.most).architecture;
    },
  }),
});

/** The largest feed-forward size that the budget allows beside a hidden size. */
function widestFfn(
  architecture: Architecture,
  width: Width,
  budget: Budget,
  multiple: number | undefined,
): Candidate | undefined {
  const choices = ffnSizes(architecture.sizes.ffn, multiple);
  let [low, high] = [0, choices.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (resized(architecture, width, at(choices, middle), budget).cost <= budget.most) low = middle + 1;
    else high = middle;
  }
  const ffn = choices[low - 1];
  return ffn === undefined ? undefined : resized(architecture, width, ffn, budget);
}

function resized(before: Architecture, { hidden, heads }: Width, ffn: number, { cost }: Budget): Candidate {
  const { sizes } = before;
  const architecture = { ...before, sizes: { ...sizes, hidden, ffn, heads } };
  const share = hidden / sizes.hidden;
  // Heads that all stay are as it should be; those that go should be no larger a share than that of the hidden channels.
  const lost = heads === sizes.heads ? 0 : Math.abs(Math.log(share / (heads / sizes.heads)));
  const unevenness = Math.abs(Math.log(share / (ffn / sizes.ffn))) + lost;
  return { architecture, cost: cost(architecture), unevenness };
}

/** The most even of the even ones that are near, else of all that are near, else the nearest. */
function best(candidates: readonly Candidate[], most: number): Candidate {
  const within = (near: number): readonly Candidate[] => candidates.filter(({ cost }) => cost >= most * (1 - near));
  const even = NEAR.map((near) => within(near).filter(({ unevenness }) => unevenness < EVEN));
  const pool = [...even, ...NEAR.map(within)].find((own) => own.length > 0);
  const [first, ...rest] = pool ?? candidates;
  if (first === undefined) throw new RangeError('no shape to choose from');
  return rest.reduce((a, b) => ((pool === undefined ? b.cost > a.cost : b.unevenness < a.unevenness) ? b : a), first);
}
