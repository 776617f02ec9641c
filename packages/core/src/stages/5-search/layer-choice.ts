// Layers that a target names, where other targets only count them: which shape they leave, and the scores that make every pruner
// choose just these.
import { InputError } from '../../errors.js';
import { removedParts, type Architecture, type PrunePlan } from '../../model/index.js';
import type { Scores } from '../4-score/importance-scorer.js';
import type { LayerChoice, ShapeTarget, TargetShape } from './target.js';

/** Layers (0-based) that go as a whole, and halves that go of those that stay. Throws `InputError` for a layer that the model lacks. */
function goneOf(
  { layers }: Architecture,
  choice: LayerChoice,
): Record<'layers' | 'attention' | 'feedForward', ReadonlySet<number>> {
  const named = Object.entries(choice).flatMap(([name, own]) => own.map((layer) => ({ name, layer })));
  const outside = named.find(({ layer }) => layer >= layers);
  if (outside !== undefined) {
    throw new InputError({
      asked: `prune with ${outside.name} ${outside.layer}`,
      found: `the model has layers 0 to ${layers - 1}`,
      fix: 'Layers are counted from 0, and both ends of a range are meant',
    });
  }
  const { keepLayers, dropLayers = [], dropAttention = [], dropFeedForward = [] } = choice;
  const kept = keepLayers === undefined ? undefined : new Set(keepLayers);
  const all = Array.from({ length: layers }, (_, layer) => layer);
  const gone = new Set(all.filter((layer) => dropLayers.includes(layer) || kept?.has(layer) === false));
  const staying = (own: readonly number[]): Set<number> => new Set(own.filter((layer) => !gone.has(layer)));
  return { layers: gone, attention: staying(dropAttention), feedForward: staying(dropFeedForward) };
}

/** The sizes that a shape target asks for, those that follow from the layers it names included. Throws `InputError` for a layer that is not there. */
export function countedShape(architecture: Architecture, { shape, choice }: ShapeTarget): TargetShape {
  if (choice === undefined) return shape;
  const gone = goneOf(architecture, choice);
  const layers = architecture.layers - gone.layers.size;
  const lacking = removedParts(architecture);
  const having = (part: 'attention' | 'feedForward'): number => {
    const without = new Set([...lacking[part].filter((layer) => !gone.layers.has(layer)), ...gone[part]]);
    return layers - without.size;
  };
  return {
    ...shape,
    layers,
    ...(gone.attention.size === 0 ? {} : { attentionLayers: having('attention') }),
    ...(gone.feedForward.size === 0 ? {} : { ffnLayers: having('feedForward') }),
  };
}

/** Scores of layers and halves that are 0 for what the target names to go and 1 for all others; those of widths stay. */
export function chosenScores(
  architecture: Architecture,
  { choice }: ShapeTarget,
  scores: Partial<Scores> | undefined,
): Partial<Scores> | undefined {
  if (choice === undefined) return scores;
  const gone = goneOf(architecture, choice);
  const of = (own: ReadonlySet<number>): readonly number[] =>
    Array.from({ length: architecture.layers }, (_, layer) => (own.has(layer) ? 0 : 1));
  return { ...scores, layers: of(gone.layers), attention: of(gone.attention), feedForward: of(gone.feedForward) };
}

/** Throws `InputError` unless a plan drops just what the target names; a layer that loses both halves may be dropped whole. */
export function checkChoice(architecture: Architecture, choice: LayerChoice, plan: PrunePlan, pruner: string): void {
  const gone = goneOf(architecture, choice);
  const wrong = Array.from({ length: architecture.layers }, (_, layer) => layer).find((layer) => {
    const whole = gone.layers.has(layer) || (gone.attention.has(layer) && gone.feedForward.has(layer));
    if (whole || !plan.layers.includes(layer)) return whole === plan.layers.includes(layer);
    const lost = (part: ReadonlySet<number>, from: readonly number[] = []): boolean =>
      part.has(layer) !== from.includes(layer);
    return lost(gone.attention, plan.withoutAttention) || lost(gone.feedForward, plan.withoutFeedForward);
  });
  if (wrong === undefined) return;
  throw new InputError({
    asked: `prune the layers that the target names with ${pruner}`,
    found: `its plan differs at layer ${wrong} (0-based)`,
    fix: 'Use the pruner depth, sublayer or joint, without "contiguous"',
  });
}
