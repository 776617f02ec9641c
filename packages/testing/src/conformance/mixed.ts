// Checks that a backend computes in float16 what `mixedPrecision` asks of it, within the rounding of float16.
import { add, attention, matmul, mixedPrecision, program, reshape, swiGlu, type Tensor } from '@espalier/core/graph';
import { caseGradients } from '../finite-difference.js';
import { booleans, exactly, floats } from '../draws.js';
import { drawLeaves, graphCase, leafValues, type BuiltCase, type GraphCase } from '../graph-case.js';
import { check, type CheckGroup } from './bench.js';

/** Eight roundings of half a unit in the last of float16's 11 digits: the gradient of attention goes through as many. */
const TOLERANCE = 8 * 2 ** -11;

const heads = { q: floats([2, 4, 3, 4]), k: floats([2, 2, 3, 4]), v: floats([2, 2, 3, 4]) };

const cases: readonly GraphCase[] = [
  graphCase('a product', { a: floats([3, 4]), b: floats([4, 2]) }, ({ a, b }) => matmul(a, b)),
  graphCase('a batch of products, both transposed', { a: floats([2, 4, 3]), b: floats([2, 4]) }, ({ a, b }) =>
    matmul(a, b, { transposeA: true, transposeB: true }),
  ),
  graphCase('a sum of products in float32', { a: floats([3, 4]), b: floats([4, 3]) }, ({ a, b }) =>
    add(matmul(a, b), reshape(matmul(b, a, { transposeA: true, transposeB: true }), [3, 3])),
  ),
  graphCase(
    'a gated product of products',
    { x: floats([3, 4]), gate: floats([6, 4]), up: floats([6, 4]), down: floats([4, 6]) },
    ({ x, gate, up, down }) => {
      const inner = swiGlu(matmul(x, gate, { transposeB: true }), matmul(x, up, { transposeB: true }));
      return matmul(inner, down, { transposeB: true });
    },
  ),
  graphCase('causal attention', heads, ({ q, k, v }) => attention(q, k, v, { scale: 0.5 })),
  graphCase('masked attention', { ...heads, mask: booleans([3, 3], exactly(1, 0, 0, 1, 1, 0, 0, 1, 1)) }, (own) =>
    attention(own.q, own.k, own.v, { scale: 0.5, mask: own.mask }),
  ),
];

/** Value and gradients of a case, with its products in float16. */
function mixedOutputs({ leaves, outputs }: BuiltCase, { wrt }: GraphCase): Readonly<Record<string, Tensor>> {
  const mixed = mixedPrecision(Object.values(outputs));
  const own = Object.fromEntries(Object.entries(outputs).map(([name, node]) => [name, mixed.get(node) ?? node]));
  const gradients = Object.entries(caseGradients({ leaves, outputs: own }, wrt));
  return { ...own, ...Object.fromEntries(gradients.map(([name, node]) => [`gradient ${name}`, node])) };
}

export const mixedPrecisionChecks: CheckGroup = {
  title: 'mixed precision',
  checks: cases.map((own) =>
    check(own.title, async (bench) => {
      const outputs = mixedOutputs(own.build(), own);
      const drawn = drawLeaves(own);
      const executable = await bench.compile(program(own.title, { outputs }));
      bench.matches(await executable.run(drawn.inputs), outputs, leafValues(drawn), TOLERANCE);
    }),
  ),
};
