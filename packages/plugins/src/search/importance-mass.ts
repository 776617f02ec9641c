// How much of the importance a shape keeps: the best units of each axis, as a share of the sum of all.
import type { Architecture, Scores } from '@espalier/core';

/** Mean over the axes that have scores of the share kept (heads per layer, without regard to groups); 0 without scores. */
export function massKept(after: Architecture, scores: Partial<Scores>): number {
  const shares: number[] = [];
  if (scores.layers !== undefined) shares.push(kept(scores.layers, after.layers));
  if (scores.hidden !== undefined) shares.push(kept(scores.hidden, after.sizes.hidden));
  if (scores.ffn !== undefined) shares.push(mean(scores.ffn.map((own) => kept(own, after.sizes.ffn))));
  if (scores.heads !== undefined) shares.push(mean(scores.heads.map((own) => kept(own, after.sizes.heads))));
  return shares.length === 0 ? 0 : mean(shares);
}

/** Scores may be negative (block influence is not, Taylor may be): what counts is how far above the least they are. */
function kept(scores: readonly number[], count: number): number {
  const least = Math.min(0, ...scores);
  const ranked = scores.map((own) => own - least).sort((a, b) => b - a);
  const total = ranked.reduce((a, b) => a + b, 0);
  return total === 0 ? 1 : ranked.slice(0, count).reduce((a, b) => a + b, 0) / total;
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
