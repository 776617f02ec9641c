// The suite that every loss balancer must pass. In a spec file: describeBalancer(myBalancer, { needs: ['logits'] }).
import { expect } from 'vitest';
import { at, expectClose, InputError, present, type LossBalancer, type TermValue } from '@espalier/core';
import { evaluate as evaluateGraph, gradient, input, type Tensor } from '@espalier/core/graph';
import { lossContext } from './loss-context.js';
import { declareChecks, type StrategyCheck } from './strategy-check.js';

/** What a term looks at. */
export type LossGroup = TermValue['group'];

/** What is promised beyond being a balancer. */
export interface BalancerPromises {
  /** Groups that it cannot do without; none in particular when not given. */
  readonly needs?: readonly LossGroup[];
}

interface Given {
  readonly group: LossGroup;
  readonly weight: number;
  /** Value of the term in the batch. */
  readonly value: number;
}

const everything: readonly Given[] = [
  { group: 'data', weight: 1, value: 2.5 },
  { group: 'logits', weight: 0.5, value: 1.25 },
  { group: 'logits', weight: 2, value: 0.125 },
  { group: 'states', weight: 1, value: 40 },
];

/** The total, and its slope along each term. */
interface Balanced {
  readonly total: number;
  readonly slopes: readonly number[];
}

function balance(balancer: LossBalancer, given: readonly Given[]): Balanced {
  const terms = given.map(({ group, weight }, index) => {
    return { name: `term ${index}`, group, weight, value: input(`term ${index}`, [], 'float32') };
  });
  const leaves = terms.map(({ value }) => value);
  const total = balancer.total(terms, lossContext(balancer));
  expect(total.shape, 'the total is one number').toEqual([]);
  const slopes = gradient(total, leaves);
  const outputs: Record<string, Tensor> = { total };
  slopes.forEach((slope, index) => (outputs[`slope ${index}`] = slope));
  const inputs = Object.fromEntries(given.map(({ value }, index) => [`term ${index}`, Float64Array.of(value)]));
  const values = evaluateGraph(outputs, { inputs });
  const number = (name: string): number => at(present(values[name], name), 0);
  return { total: number('total'), slopes: slopes.map((_, index) => number(`slope ${index}`)) };
}

/** The suite's checks. */
export function balancerChecks(
  balancer: LossBalancer,
  { needs = [] }: BalancerPromises = {},
): readonly StrategyCheck[] {
  const required = everything.filter(({ group }) => needs.includes(group));
  /** The least that it can work with. */
  const least = required.length > 0 ? required : everything.slice(1, 2);
  const refused = (given: readonly Given[]): void => expect(() => balance(balancer, given)).toThrow(InputError);
  return [
    {
      title: 'gives one finite number',
      run() {
        expect(balance(balancer, everything).total).toSatisfy(Number.isFinite);
      },
    },
    {
      title: 'minimises every term it is given: no slope is 0, none is negative',
      run() {
        for (const given of [everything, least]) {
          const wrong = balance(balancer, given).slopes.filter((slope) => !Number.isFinite(slope) || slope <= 0);
          expect(wrong).toEqual([]);
        }
      },
    },
    {
      title: 'stays finite when terms are 0, as those of a perfect student are',
      run() {
        for (const gone of ['data', 'logits', 'states', undefined]) {
          const given = everything.map((own) => (own.group === (gone ?? own.group) ? { ...own, value: 0 } : own));
          const { total, slopes } = balance(balancer, given);
          expect([total, ...slopes].filter((own) => !Number.isFinite(own))).toEqual([]);
        }
      },
    },
    {
      title: 'does not depend on the order of the terms',
      run() {
        const [one, other] = [balance(balancer, everything), balance(balancer, everything.toReversed())];
        expectClose([one.total, ...one.slopes], [other.total, ...other.slopes.toReversed()], 1e-9, 'total and slopes');
      },
    },
    {
      title: 'gives a term without company as it is, weighted',
      run() {
        if (needs.length > 1) return; // it takes no term alone
        const [only] = least.slice(0, 1);
        if (only !== undefined) expectClose([balance(balancer, [only]).total], [only.weight * only.value], 1e-9);
      },
    },
    {
      title: 'refuses no terms at all, and the lack of a group that it needs',
      run() {
        refused([]);
        for (const group of needs) refused(everything.filter((own) => own.group !== group));
      },
    },
  ];
}

/**
 * Declares the suite's tests: one finite number that rises with every term, in any order of the terms, and `InputError` where a
 * group that it needs is missing.
 */
export function describeBalancer(balancer: LossBalancer, promises: BalancerPromises = {}): void {
  declareChecks(`balancer ${balancer.name}`, balancerChecks(balancer, promises));
}
