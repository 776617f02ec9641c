// Prune plans drawn at random over every axis, for tests that must hold for any plan.
import { fullPlan, type Architecture, type PrunePlan, type Random } from '@espalier/core';

/** Parts of a model that a plan may cut. */
export type PlanAxis = 'hidden' | 'ffn' | 'heads' | 'kvHeads' | 'layers' | 'attention' | 'feedForward';

/**
 * A plan that cuts these axes, each by a random number of random parts, kept in random order; layers keep their order. A layer
 * may lose both of its halves.
 */
export function randomPlan(architecture: Architecture, axes: readonly PlanAxis[], random: Random): PrunePlan {
  const { sizes } = architecture;
  const whole = fullPlan(architecture);
  const cut = (axis: PlanAxis): boolean => axes.includes(axis);
  const countOf = (axis: PlanAxis, size: number): number => (cut(axis) ? 1 + random.integer(size - 1) : size);
  const draw = (all: readonly number[], axis: PlanAxis, count: number): readonly number[] =>
    cut(axis) ? random.shuffle(all).slice(0, count) : all;

  const layers = draw(whole.layers, 'layers', countOf('layers', architecture.layers)).toSorted((a, b) => a - b);
  const group = sizes.heads / sizes.kvHeads;
  const [ffn, groups, perGroup] = [
    countOf('ffn', sizes.ffn),
    countOf('kvHeads', sizes.kvHeads),
    countOf('heads', group),
  ];
  const range = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);
  const kvHeads = layers.map(() => draw(range(sizes.kvHeads), 'kvHeads', groups));
  const headsOf = (kvHead: number): readonly number[] =>
    draw(range(group), 'heads', perGroup).map((head) => kvHead * group + head);
  return {
    layers,
    hidden: draw(whole.hidden, 'hidden', countOf('hidden', sizes.hidden)),
    ffn: layers.map(() => draw(range(sizes.ffn), 'ffn', ffn)),
    heads: kvHeads.map((own) => own.flatMap(headsOf)),
    kvHeads,
    ...(cut('attention') ? { withoutAttention: some(layers, random) } : {}),
    ...(cut('feedForward') ? { withoutFeedForward: some(layers, random) } : {}),
  };
}

function some(layers: readonly number[], random: Random): readonly number[] {
  return random.shuffle(layers).slice(0, 1 + random.integer(layers.length - 1));
}
