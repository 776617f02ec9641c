// The linear warm-up that every schedule begins with.

/** Steps of warm-up: as many as asked for, and at most half of the run, so that a short run reaches its peak. */
export function warmupSteps(warmup: number, steps: number): number {
  return Math.min(warmup, Math.floor(steps / 2));
}

/** The rate of a 0-based step of the warm-up, `peak` at its last. */
export function warmingUp(peak: number, step: number, rise: number): number {
  return (peak * (step + 1)) / rise;
}
