// How wide a 95% interval of a mean is, in standard errors: a few documents say little about the spread of all.

/** 97.5% quantile of the standard normal distribution. */
export const normalQuantile = 1.959963984540054;

/** 97.5% quantile of Student's t distribution: its expansion in 1/n (Abramowitz and Stegun 26.7.5), within 1% from 2 degrees on. */
export function studentT(degrees: number): number {
  if (degrees <= 1) return Math.tan(0.475 * Math.PI);
  const [z, n] = [normalQuantile, degrees];
  const z2 = z * z;
  return (
    z *
    (1 +
      (z2 + 1) / (4 * n) +
      ((5 * z2 + 16) * z2 + 3) / (96 * n ** 2) +
      (((3 * z2 + 19) * z2 + 17) * z2 - 15) / (384 * n ** 3) +
      ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / (92160 * n ** 4))
  );
}
