// Numbers of several seeds as a mean with its confidence interval.
import { at } from '@espalier/core';

/** Mean, and half the width of its 95% interval (Student's t; NaN for a single value). */
export interface Estimate {
  readonly mean: number;
  readonly margin: number;
}

/** Two-sided 95% quantiles of Student's t by degrees of freedom; from 10 on, that of 10 (a little wide). */
const quantiles = [NaN, 12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];

export function estimate(values: readonly number[]): Estimate {
  const n = values.length;
  const mean = values.reduce((a, b) => a + b, 0) / n;
  const variance = values.reduce((total, own) => total + (own - mean) ** 2, 0) / (n - 1);
  return { mean, margin: at(quantiles, Math.min(n - 1, 10)) * Math.sqrt(variance / n) };
}

/** Differences seed by seed: what two variants share, such as an easy sample of text, cancels out. */
export function pairedDifference(a: readonly number[], b: readonly number[]): Estimate {
  return estimate(a.map((own, index) => own - at(b, index)));
}

/** Whether an interval leaves zero out: only then is one side called better. */
export function clear({ mean, margin }: Estimate): boolean {
  return Math.abs(mean) > margin;
}

/** `0.6541 ± 0.0012`. */
export function shown({ mean, margin }: Estimate, digits: number): string {
  if (!Number.isFinite(mean)) return '–';
  return Number.isFinite(margin) ? `${mean.toFixed(digits)} ± ${margin.toFixed(digits)}` : mean.toFixed(digits);
}
