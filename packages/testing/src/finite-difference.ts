// Gradients checked against differences of the function itself, in float64 through the reference evaluator.
import { at, present, random, relativeError, type Random } from '@espalier/core';
import {
  add,
  cast,
  constant,
  elementCount,
  evaluate as evaluateGraph,
  gradient,
  GraphError,
  isFloatTensor,
  multiply,
  reshape,
  sum,
  type FloatDType,
  type LeafValues,
  type Tensor,
} from '@espalier/core/graph';
import { drawLeaves, leafValues, type BuiltCase, type GraphCase } from './graph-case.js';

/** One number from any float results: Σ result · random weights, so that every element of every result counts. */
export function project(results: Readonly<Record<string, Tensor>>, seed = 1): Tensor<'float32'> {
  const terms = Object.entries(results).flatMap(([name, result]) => {
    if (!isFloatTensor(result)) return [];
    const stream = random(seed).fork(name);
    const weights = Array.from({ length: elementCount(result.shape) }, () => stream.normal());
    return [reshape(sum(multiply(cast(result, 'float32'), constant(weights, result.shape, 'float32'))), [])];
  });
  return terms.reduce((a, b) => add(a, b), constant(0, [], 'float32'));
}

/** Gradients of a case's projected results in the leaves that `wrt` names. */
export function caseGradients(
  { leaves, outputs }: BuiltCase,
  wrt: readonly string[],
): Record<string, Tensor<FloatDType>> {
  const targets = wrt.map((name) => {
    const leaf = leaves[name];
    if (leaf === undefined) throw new GraphError(`the case has no leaf "${name}"`);
    return leaf;
  });
  const gradients = gradient(project(outputs), targets);
  return Object.fromEntries(wrt.flatMap((name, i) => (gradients[i] === undefined ? [] : [[name, gradients[i]]])));
}

/**
 * Relative error (as in `expectClose`) of a case's gradient in each leaf of its `wrt`, against five-point central differences
 * in float64 at values drawn with a seed: in every element, or for a leaf of more than 64 along two random directions.
 */
export function gradientErrors(graphCase: GraphCase, seed = 1): Record<string, number> {
  const built = graphCase.build();
  const values = leafValues(drawLeaves(graphCase, seed));
  const analytic = evaluateGraph(caseGradients(built, graphCase.wrt), values);
  const loss = project(built.outputs);
  return Object.fromEntries(
    graphCase.wrt.map((name) => {
      const own = present(analytic[name], `the gradient of "${name}"`);
      const directions = directionsOf(own.length, random(seed));
      const slopes = directions.map((direction) => direction.reduce((total, d, i) => total + d * at(own, i), 0));
      const error = relativeError(slopes, differences(loss, values, name, directions));
      return [name, slopes.every(Number.isFinite) ? error : Infinity]; // NaN equals NaN, but is no gradient
    }),
  );
}

const STEP = 1e-3;
const MOST_ELEMENTS = 64;
const DIRECTIONS = 2;

function directionsOf(count: number, stream: Random): readonly Float64Array[] {
  const unit = (element: number): Float64Array => new Float64Array(count).fill(1, element, element + 1);
  if (count <= MOST_ELEMENTS) return Array.from({ length: count }, (_, element) => unit(element));
  return Array.from({ length: DIRECTIONS }, () => Float64Array.from({ length: count }, () => stream.normal()));
}

/** Slopes of a scalar along directions in one leaf: five-point central differences, error of order STEP⁴. */
function differences(
  loss: Tensor,
  values: LeafValues,
  name: string,
  directions: readonly Float64Array[],
): readonly number[] {
  const source = values.inputs?.[name] === undefined ? 'states' : 'inputs';
  const centre = Float64Array.from(present(values[source]?.[name], `the values of "${name}"`));
  return directions.map((direction) => {
    const lossAt = (distance: number): number => {
      const moved = centre.map((value, i) => value + distance * at(direction, i));
      const fed = { ...values, [source]: { ...values[source], [name]: moved } };
      return at(evaluateGraph({ loss }, fed).loss, 0);
    };
    const near = lossAt(STEP) - lossAt(-STEP);
    const far = lossAt(2 * STEP) - lossAt(-2 * STEP);
    return (8 * near - far) / (12 * STEP);
  });
}
