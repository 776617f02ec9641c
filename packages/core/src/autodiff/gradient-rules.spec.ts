// Every gradient rule and every composite against differences of the function itself, in float64.
import { describe, expect, test } from 'vitest';
import { compositeCases } from '../testing/composite-cases.js';
import { gradientErrors } from '../testing/finite-difference.js';
import type { GraphCase } from '../testing/graph-case.js';
import { opCases } from '../testing/op-cases.js';

const TOLERANCE = 1e-8;

function check(cases: readonly GraphCase[]): void {
  for (const graphCase of cases.filter(({ wrt }) => wrt.length > 0)) {
    test(graphCase.title, () => {
      for (const [name, error] of Object.entries(gradientErrors(graphCase))) {
        expect(error, `gradient in ${name}`).toBeLessThan(TOLERANCE);
      }
    });
  }
}
describe.each(Object.entries(opCases))('%s', (_op, cases) => check(cases));
describe.each(Object.entries(compositeCases))('%s', (_name, cases) => check(cases));
