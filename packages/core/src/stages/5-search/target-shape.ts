// Whether a model can be cut down to a target: every message names the nearest values that can be had.
import { InputError } from '../../errors.js';
import { modelParameters } from '../../cost/index.js';
import type { Architecture, ModelShape } from '../../model/index.js';
import {
  countedName,
  describeTarget,
  grouped,
  type CountTarget,
  type PrunableSize,
  type TargetShape,
} from './target.js';

/** The number of parameters a target allows, of those it counts. Throws `InputError` when it is more than the model has, or nothing. */
export function targetParameters(model: ModelShape, target: CountTarget): number {
  const counts = modelParameters(model);
  const total = target.counted === 'non-embedding' ? counts.nonEmbeddingParameters : counts.parameters;
  const asked =
    target.kind === 'share'
      ? Math.floor(total * target.share * (1 + 1e-12)) // 0.29 · 100 is 28.999999999999996
      : target.parameters;
  // A range may begin below the model's size and end above it.
  const enough = (target.kind === 'parameters' ? target.least : undefined) ?? asked;
  if (asked >= 1 && enough <= total) return asked;
  throw new InputError({
    asked: `prune to ${describeTarget(target)}`,
    found: `the model has ${grouped(total)} ${countedName(target.counted)}`,
    fix: `Give 1 to ${grouped(total)} parameters, or at most 100%`,
  });
}

/** The model's shape with some sizes replaced. Throws `InputError` as `checkTargetShape` does. */
export function explicitArchitecture(architecture: Architecture, shape: TargetShape): Architecture {
  const { sizes } = architecture;
  const { layers = architecture.layers, kvHeads = sizes.kvHeads, hidden = sizes.hidden, ffn = sizes.ffn } = shape;
  // Fewer key/value heads with nothing said about the query heads: whole groups go.
  const heads = shape.heads ?? kvHeads * (sizes.heads / sizes.kvHeads);
  const target = { ...architecture, layers, sizes: { ...sizes, hidden, ffn, heads, kvHeads } };
  checkTargetShape(architecture, target);
  return target;
}

/**
 * Throws `InputError`, naming the nearest valid values, unless pruning can lead from one shape to the other: no size grows or
 * vanishes, and every key/value group that stays keeps equally many of its query heads.
 */
export function checkTargetShape(architecture: Architecture, target: Architecture): void {
  const [before, after] = [prunableSizes(architecture), prunableSizes(target)];
  for (const size of Object.keys(before) as PrunableSize[]) {
    const [most, asked] = [before[size], after[size]];
    if (Number.isInteger(asked) && asked >= 1 && asked <= most) continue;
    throw refused(`${size} ${asked}`, `the model has ${size} ${most}`, `Give 1 to ${most}`);
  }
  const { heads, kvHeads } = after;
  const largest = kvHeads * (before.heads / before.kvHeads);
  if (heads % kvHeads !== 0) {
    const below = heads - (heads % kvHeads);
    const nearest = [below, below + kvHeads].filter((count) => count > 0 && count <= largest);
    const found = `every one of the ${kvHeads} key/value heads needs equally many query heads`;
    throw refused(`heads ${heads}`, found, `The nearest valid numbers of heads are ${nearest.join(' and ')}`);
  }
  if (heads > largest) {
    const found = `the model has ${before.heads / before.kvHeads} query heads for each key/value head`;
    throw refused(`heads ${heads} with kvHeads ${kvHeads}`, found, `Give at most ${largest} heads`);
  }
}

function prunableSizes({ layers, sizes }: Architecture): Readonly<Record<PrunableSize, number>> {
  const { hidden, ffn, heads, kvHeads } = sizes;
  return { hidden, ffn, heads, kvHeads, layers };
}

function refused(asked: string, found: string, fix: string): InputError {
  return new InputError({ asked: `prune to ${asked}`, found, fix });
}
