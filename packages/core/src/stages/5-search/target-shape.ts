// Whether a model can be cut down to a target: every message names the nearest values that can be had.
import { InputError } from '../../errors.js';
import { modelParameters } from '../../cost/index.js';
import { removedParts, type Architecture, type LayerPart, type ModelShape } from '../../model/index.js';
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

/**
 * The model's shape with some sizes replaced; fewer key/value heads alone take their query heads with them. Throws
 * `InputError` as `checkTargetShape` does.
 */
export function explicitArchitecture(architecture: Architecture, shape: TargetShape): Architecture {
  const { sizes } = architecture;
  const { layers = architecture.layers, kvHeads = sizes.kvHeads, hidden = sizes.hidden, ffn = sizes.ffn } = shape;
  // Fewer key/value heads with nothing said about the query heads: whole groups go.
  const heads = shape.heads ?? kvHeads * (sizes.heads / sizes.kvHeads);
  const resized = { ...architecture, layers, sizes: { ...sizes, hidden, ffn, heads, kvHeads } };
  const target = {
    ...resized,
    ...(shape.attentionLayers === undefined ? {} : { withoutAttention: lacking(layers, shape, 'attentionLayers') }),
    ...(shape.ffnLayers === undefined ? {} : { withoutFeedForward: lacking(layers, shape, 'ffnLayers') }),
  };
  checkTargetShape(architecture, target);
  return target;
}

/** A target says how many layers have a part, not which: the last ones stand for those that lack it. */
function lacking(layers: number, shape: TargetShape, size: 'attentionLayers' | 'ffnLayers'): readonly number[] {
  const count = shape[size] ?? layers;
  if (count > layers) throw refused(`${size} ${count}`, `of ${layers} layers`, `Give 1 to ${layers}`);
  return Array.from({ length: layers - count }, (_, index) => count + index);
}

/**
 * The numbers of query heads next to `heads` that divide the hidden size, are no more than the model has and fit its key/value groups:
 * the next below and above, or `[]`.
 */
export function nearestHeads(
  hidden: number,
  heads: number,
  { sizes }: Architecture,
  kvHeads: number,
): readonly number[] {
  const group = sizes.heads / sizes.kvHeads;
  const valid = Array.from({ length: sizes.heads }, (_, index) => index + 1).filter(
    (own) => hidden % own === 0 && own % kvHeads === 0 && own <= kvHeads * group,
  );
  const [below, above] = [valid.findLast((own) => own < heads), valid.find((own) => own > heads)];
  return [below, above].filter((own) => own !== undefined);
}

/** How many layers shall have a part, for each part of which a target says so: the parts that a model lacks already ask for nothing. */
export function askedParts(architecture: Architecture, target: Architecture): Partial<Record<LayerPart, number>> {
  const [before, after] = [removedParts(architecture), removedParts(target)];
  const asked = (['attention', 'feedForward'] as const).filter((part) => {
    const kept = before[part].filter((layer) => layer < target.layers);
    return kept.join() !== after[part].join();
  });
  return Object.fromEntries(asked.map((part) => [part, target.layers - after[part].length]));
}

/** Whether a pruned shape is what a target asks for; fewer layers will do where those that lost both parts were dropped. */
export function meetsTarget(architecture: Architecture, target: Architecture, found: Architecture): boolean {
  const asked = askedParts(architecture, target);
  const [{ layers: most, ...wanted }, { layers, ...own }] = [prunableSizes(target), prunableSizes(found)];
  const widths = (['hidden', 'ffn', 'heads', 'kvHeads'] as const).every((size) => own[size] === wanted[size]);
  const attention = asked.attention === undefined || own.attentionLayers === asked.attention;
  const feedForward = asked.feedForward === undefined || own.ffnLayers === asked.feedForward;
  return widths && attention && feedForward && (layers === most || (Object.keys(asked).length > 0 && layers < most));
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

function prunableSizes(architecture: Architecture): Readonly<Record<PrunableSize, number>> {
  const { layers, sizes } = architecture;
  const { hidden, ffn, heads, kvHeads } = sizes;
  const { attention, feedForward } = removedParts(architecture);
  const parts = { attentionLayers: layers - attention.length, ffnLayers: layers - feedForward.length };
  return { hidden, ffn, heads, kvHeads, layers, ...parts };
}

function refused(asked: string, found: string, fix: string): InputError {
  return new InputError({ asked: `prune to ${asked}`, found, fix });
}
