// Small cases of every op: a total record, so that a new op owes some.
import {
  add,
  applyComposite,
  GraphError,
  isFloatTensor,
  multiply,
  type CompositeDefinition,
  type FloatDType,
  type OpName,
  type Tensor,
} from '@espalier/core/graph';
import { binaryCases } from './cases/binary.js';
import { lookUpCases } from './cases/look-ups.js';
import { leafCases, movementCases } from './cases/movement.js';
import { reductionCases } from './cases/reductions.js';
import { unaryCases } from './cases/unary.js';
import { floats } from './draws.js';
import { graphCase, type GraphCase } from './graph-case.js';

/** The first operand, which must be float. */
function firstFloat([x]: readonly Tensor[]): Tensor<FloatDType> {
  if (x === undefined || !isFloatTensor(x)) throw new GraphError('needs a float operand first');
  return x;
}

/** A composite no backend can know, called `espalierTest`: what it does is in its body only. */
function unknownComposite(body: (x: Tensor<FloatDType>) => Tensor, name = 'espalierTest'): (x: Tensor) => Tensor {
  const definition: CompositeDefinition<undefined> = {
    name,
    body: (inputs) => body(firstFloat(inputs)),
  };
  return (x) => applyComposite(definition, [x], undefined);
}

const squared = unknownComposite((x) => multiply(x, x));
const doubled = unknownComposite((x) => add(x, x));
const nested = unknownComposite((x) => squared(multiply(x, 3)), 'espalierTestOuter');
const same = unknownComposite((x) => x);

const compositeOpCases: readonly GraphCase[] = [
  graphCase('unknown to the backend', { x: floats([2, 3]) }, ({ x }) => squared(x)),
  graphCase('inside another', { x: floats([3]) }, ({ x }) => nested(x)),
  graphCase('on the result of another', { x: floats([3]) }, ({ x }) => doubled(squared(x))),
  graphCase('two of one name side by side', { x: floats([3]) }, ({ x }) => {
    return add(firstFloat([squared(x)]), firstFloat([doubled(x)]));
  }),
  graphCase('that does nothing', { x: floats([2]) }, ({ x }) => same(x)),
  graphCase('of nothing', { x: floats([0, 2]) }, ({ x }) => squared(x)),
];

/** Cases by op. */
export const opCases: { readonly [Op in OpName]: readonly GraphCase[] } = {
  ...leafCases,
  ...unaryCases,
  ...binaryCases,
  ...reductionCases,
  ...movementCases,
  ...lookUpCases,
  composite: compositeOpCases,
};
