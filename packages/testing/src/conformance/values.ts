// Checks that a backend computes what the reference evaluator computes: ops, composites, gradients, random programs.
import { program, type Tensor } from '@espalier/core/graph';
import { compositeCases } from '../composite-cases.js';
import { caseGradients } from '../finite-difference.js';
import { drawLeaves, leafValues, type BuiltCase, type GraphCase } from '../graph-case.js';
import { opCases } from '../op-cases.js';
import { randomProgram } from '../random-program.js';
import type { Bench, Check, CheckGroup } from './bench.js';

const RANDOM_PROGRAMS = 40;

/** Groups of checks on values. */
export function valueChecks(): readonly CheckGroup[] {
  return [
    ...Object.entries(opCases).map(([op, cases]) => group(op, cases, values)),
    ...Object.entries(compositeCases).map(([name, cases]) => group(name, cases, values)),
    ...Object.entries(compositeCases).map(([name, cases]) => {
      const differentiable = cases.filter(({ wrt }) => wrt.length > 0);
      return group(`gradient of ${name}`, differentiable, gradients);
    }),
    group('gradients of ops', Object.entries(opCases).flatMap(opGradients), gradients),
    group(
      'random programs',
      Array.from({ length: RANDOM_PROGRAMS }, (_, seed) => randomProgram(seed)),
      values,
    ),
    group(
      'gradients of random programs',
      Array.from({ length: RANDOM_PROGRAMS / 4 }, (_, seed) => randomProgram(seed, { smooth: true })),
      gradients,
    ),
  ];
}

function values(built: BuiltCase): Readonly<Record<string, Tensor>> {
  return built.outputs;
}

/** Value and gradients in one program, as a training step has them. */
function gradients(built: BuiltCase, { wrt }: GraphCase): Readonly<Record<string, Tensor>> {
  const named = Object.entries(caseGradients(built, wrt)).map(([name, node]) => [`gradient ${name}`, node] as const);
  return { ...built.outputs, ...Object.fromEntries(named) };
}

/** The first two differentiable cases of an op: the rules themselves are checked without a backend. */
function opGradients([op, cases]: readonly [string, readonly GraphCase[]]): readonly GraphCase[] {
  const differentiable = cases.filter(({ wrt }) => wrt.length > 0).slice(0, 2);
  return differentiable.map((own) => ({ ...own, title: `${op}: ${own.title}` }));
}

type Outputs = (built: BuiltCase, graphCase: GraphCase) => Readonly<Record<string, Tensor>>;

function group(title: string, cases: readonly GraphCase[], outputs: Outputs): CheckGroup {
  const check = (graphCase: GraphCase): Check => ({
    title: graphCase.title,
    run: (bench) => equalsReference(bench, graphCase, outputs(graphCase.build(), graphCase)),
  });
  return { title, checks: cases.map(check) };
}

async function equalsReference(
  bench: Bench,
  graphCase: GraphCase,
  outputs: Readonly<Record<string, Tensor>>,
): Promise<void> {
  const drawn = drawLeaves(graphCase);
  const compiled = program(graphCase.title, { outputs });
  const executable = await bench.compile(compiled);
  const hasState = Object.keys(compiled.states).length > 0;
  const state = hasState ? await bench.state(compiled.states) : undefined;
  await state?.write(drawn.states);
  bench.matches(await executable.run(drawn.inputs, state), outputs, leafValues(drawn));
}
