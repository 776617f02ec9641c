// Cosine decay with linear warm-up.
import type { Schedule } from '@espalier/core';

export interface CosineOptions {
  /** Highest learning rate. */
  readonly peak: number;
  /** Rate at the end; a tenth of the peak when not given. */
  readonly minimum?: number;
  /** Steps of linear warm-up. */
  readonly warmup?: number;
}

/** Linear to `peak` over `warmup` steps, then half a cosine down to `minimum` (Loshchilov & Hutter 2017). */
export function cosine({ peak, minimum = peak / 10, warmup = 0 }: CosineOptions): Schedule {
  return {
    name: 'cosine',
    summary: `cosine from ${peak} to ${minimum}, ${warmup} warm-up steps`,
    rate(step, steps) {
      if (step < warmup) return (peak * (step + 1)) / warmup;
      const progress = Math.min(1, (step - warmup) / Math.max(1, steps - warmup));
      return minimum + 0.5 * (peak - minimum) * (1 + Math.cos(Math.PI * progress));
    },
  };
}
