// Which numbers of which weights belong to a neuron, a head or a channel: from the named axes, for any family.
import {
  at,
  axisParts,
  weightParts,
  weightShape,
  type Observed,
  type WeightAxis,
  type WeightSpec,
} from '@espalier/core';

/** Sums along the axes of one weight. */
export interface WeightSums {
  readonly spec: WeightSpec;
  /** For each axis of the weight, the sum over all elements at each index of that axis. */
  readonly along: readonly Float64Array[];
}

/** Reads the weights in parts and adds up `value` of their elements along every axis. */
export async function* weightSums(
  { architecture, specs, weights }: Observed,
  wanted: (spec: WeightSpec) => boolean,
  value: (element: number) => number,
): AsyncGenerator<WeightSums> {
  for (const spec of specs.filter(wanted)) {
    const shape = weightShape(spec, architecture.sizes);
    const [rows = 1, columns = 1] = shape;
    const [byRow, byColumn] = [new Float64Array(rows), new Float64Array(columns)];
    for await (const { begin, values } of weightParts(weights, spec.name, shape)) {
      for (let from = 0; from < values.length; from += columns) {
        let total = 0;
        for (let column = 0; column < columns; column++) {
          const own = value(values[from + column]!);
          total += own;
          byColumn[column]! += own;
        }
        byRow[(begin + from) / columns] = total;
      }
    }
    yield { spec, along: [byRow, byColumn].slice(0, shape.length) };
  }
}

/** Sums per unit of what pruning cuts on an axis: of `heads·headDim`, over each head's channels. */
export function perUnit(axis: WeightAxis, sums: Float64Array, { architecture }: Observed): readonly number[] {
  const block = axisParts(axis)
    .slice(1)
    .reduce((product, part) => product * architecture.sizes[part], 1);
  return Array.from({ length: sums.length / block }, (_, unit) =>
    sums.subarray(unit * block, (unit + 1) * block).reduce((a, b) => a + b, 0),
  );
}

/** Element by element, of lists of one length; the first operand may be missing. */
export function added(a: readonly number[] | undefined, b: readonly number[]): readonly number[] {
  if (a === undefined) return b;
  return b.map((own, index) => own + at(a, index));
}
