// Gradients checked against differences of the function itself, in float64 through the reference evaluator.
import { add, cast, constant, multiply, reshape, sum } from '../graph/build.js';
import { evaluate, type LeafValues } from '../graph/evaluate.js';
import { GraphError } from '../graph/shape-rules.js';
import { elementCount, isFloatTensor, type FloatDType, type Tensor } from '../graph/tensor.js';
import { gradient } from '../autodiff/gradient.js';
import { random } from '../random.js';
import { relativeError } from './close.js';
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

/** Relative error of a case's gradient in each leaf of its `wrt`, against differences at values drawn with a seed. */
export function gradientErrors(graphCase: GraphCase, seed = 1): Record<string, number> {
  const built = graphCase.build();
  const values = leafValues(drawLeaves(graphCase, seed));
  const analytic = evaluate(caseGradients(built, graphCase.wrt), values);
  const loss = project(built.outputs);
  return Object.fromEntries(
    graphCase.wrt.map((name) => [name, relativeError(analytic[name] ?? [], differences(loss, values, name))]),
  );
}

const STEP = 1e-3;

/** Derivatives of a scalar in every element of one leaf: five-point central differences, error of order STEP⁴. */
function differences(loss: Tensor, values: LeafValues, name: string): Float64Array {
  const source = values.inputs?.[name] === undefined ? 'states' : 'inputs';
  const at = Float64Array.from(values[source]?.[name] ?? []);
  const lossAt = (element: number, offset: number): number => {
    const moved = at.map((value, i) => (i === element ? value + offset : value));
    return evaluate({ loss }, { ...values, [source]: { ...values[source], [name]: moved } }).loss[0] ?? NaN;
  };
  return at.map((_, element) => {
    const near = lossAt(element, STEP) - lossAt(element, -STEP);
    const far = lossAt(element, 2 * STEP) - lossAt(element, -2 * STEP);
    return (8 * near - far) / (12 * STEP);
  });
}
