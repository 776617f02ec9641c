// Simplification never changes a value: random programs and every case, before and after, composites whole and inlined.
import { describe, test } from 'vitest';
import { expectClose } from '@espalier/core';
import {
  elementCount,
  evaluate as evaluateGraph,
  inlineComposites,
  simplify,
  verify,
  type Tensor,
} from '@espalier/core/graph';
import { compositeCases } from './composite-cases.js';
import { drawLeaves, leafValues, type GraphCase } from './graph-case.js';
import { opCases } from './op-cases.js';
import { randomProgram } from './random-program.js';

/** The simplified results of a record. */
function simple<Name extends string>(results: Readonly<Record<Name, Tensor>>): Record<Name, Tensor> {
  const map = simplify(Object.values(results));
  const mapped = Object.entries<Tensor>(results).map(([name, node]) => [name, map.get(node) ?? node]);
  return Object.fromEntries(mapped) as Record<Name, Tensor>;
}

function agrees(graphCase: GraphCase, inlined: boolean): void {
  const { outputs } = graphCase.build();
  const values = leafValues(drawLeaves(graphCase));
  const once = simple(outputs);
  const bodies = inlineComposites(Object.values(once));
  const last = inlined
    ? simple(Object.fromEntries(Object.entries(once).map(([name, node]) => [name, bodies.get(node) ?? node])))
    : once;
  verify(Object.values(last));
  const [plain, found] = [evaluateGraph(outputs, values), evaluateGraph(last, values)];
  for (const name of Object.keys(outputs)) expectClose(found[name] ?? [], plain[name] ?? [], 1e-12, name);
}

describe('simplified and plain graphs agree', () => {
  test.each(Array.from({ length: 200 }, (_, seed) => seed))('random program %i', (seed) => {
    agrees(randomProgram(seed), false);
    agrees(randomProgram(seed), true);
  });

  test.each([...Object.entries(opCases), ...Object.entries(compositeCases)])('%s', (_name, cases) => {
    for (const graphCase of cases.filter(({ leaves }) => small(leaves))) agrees(graphCase, true);
  });
});

function small(leaves: GraphCase['leaves']): boolean {
  return Object.values(leaves).every(({ shape }) => elementCount(shape) <= 500);
}
