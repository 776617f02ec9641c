// The median of a sample, and how well it is known.

/**
 * Values of the sample that enclose the median of what it is drawn from with a probability of at least 95%, whatever the distribution:
 * the k-th least and the k-th greatest, k the greatest with 2 · P(Binomial(n, ½) < k) ≤ 5% (Conover, Practical Nonparametric
 * Statistics, section 3.2). Below six values there is no such pair.
 */
export function medianInterval(values: readonly number[]): readonly [number, number] | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  let [k, below, chance] = [0, 0, 2 ** -n];
  while (2 * (below + chance) <= 0.05) {
    below += chance;
    chance *= (n - k) / (k + 1);
    k += 1;
  }
  const [low, high] = [sorted[k - 1], sorted[n - k]];
  return low === undefined || high === undefined ? undefined : [low, high];
}
