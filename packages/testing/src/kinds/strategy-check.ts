// What a suite for strategies is made of: checks that are data, so that a test can show that each of them is able to fail.
import { describe, test } from 'vitest';

/** One property of a strategy. */
export interface StrategyCheck {
  /** The property, as a sentence. */
  readonly title: string;
  /** Throws, or rejects, when the strategy lacks it. */
  run(): void | Promise<void>;
}

/** Declares one test for every check. */
export function declareChecks(title: string, checks: readonly StrategyCheck[]): void {
  describe(title, () => {
    for (const check of checks) test(check.title, () => check.run());
  });
}

/** Titles of the checks that fail, in their order. */
export async function failedChecks(checks: readonly StrategyCheck[]): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const { title, run } of checks) {
    await Promise.resolve()
      .then(run)
      .catch(() => failed.push(title));
  }
  return failed;
}
