// Gradients against differences of the loss itself, both computed on the device: the one check that needs no other evaluator.
import { at, random } from '@espalier/core';
import { hostFloats, hostNumber, hostValues, program, type HostTensor, type HostTensors } from '@espalier/core/graph';
import { compositeCases } from '../composite-cases.js';
import { caseGradients, project } from '../finite-difference.js';
import { drawLeaves, type GraphCase } from '../graph-case.js';
import { opCases } from '../op-cases.js';
import { check, type Bench, type CheckGroup } from './bench.js';

/** Large enough for float32 losses of size 1 to tell its ends apart, small enough for a slope. */
const STEP = 2 ** -7;
const TOLERANCE = 2e-2;

const named: readonly (readonly [name: string, GraphCase | undefined])[] = [
  ['a product', opCases.matmul[0]],
  ['softmax', opCases.softmax[0]],
  ['rmsNorm', compositeCases.rmsNorm[0]],
  ['attention', compositeCases.attention[1]],
  ['SwiGLU', compositeCases.swiGlu[0]],
  ['cross-entropy', compositeCases.crossEntropy[2]],
  ['KL divergence', compositeCases.forwardKl[2]],
];

/** A tensor moved by `distance` along a direction. */
function moved(tensor: HostTensor, direction: readonly number[], distance: number): HostTensor {
  const values = hostValues(tensor).map((value, index) => value + distance * at(direction, index));
  return hostFloats(Float32Array.from(values), tensor.shape);
}

/** Throws unless Σ gradient · direction is the slope of the loss along the direction, leaf by leaf. */
async function slopesMatch(bench: Bench, graphCase: GraphCase): Promise<void> {
  const built = graphCase.build();
  const { inputs } = drawLeaves(graphCase);
  const lossOf = await bench.compile(program('loss', { outputs: { loss: project(built.outputs) } }));
  const gradients = await bench.compile(program('gradients', { outputs: caseGradients(built, graphCase.wrt) }));
  const found = await gradients.run(inputs);
  const loss = async (fed: HostTensors): Promise<number> => hostNumber((await lossOf.run(fed))['loss']);
  for (const name of graphCase.wrt) {
    const [leaf, gradient] = [inputs[name], found[name]];
    if (leaf === undefined || gradient === undefined) throw new Error(`there is no gradient of "${name}"`);
    const stream = random(7).fork(name);
    const direction = Array.from({ length: leaf.data.length }, () => stream.normal());
    const lossAt = (distance: number): Promise<number> => loss({ ...inputs, [name]: moved(leaf, direction, distance) });
    const slope = ((await lossAt(STEP)) - (await lossAt(-STEP))) / (2 * STEP);
    const own = hostValues(gradient).reduce((total, value, index) => total + value * at(direction, index), 0);
    if (Math.abs(own - slope) <= TOLERANCE * Math.max(1, Math.abs(slope))) continue;
    throw new Error(`the gradient of "${name}" says ${own} along a direction, and the loss changes by ${slope}`);
  }
}

/** Checks of gradients by differences. */
export const slopeChecks: CheckGroup = {
  title: 'gradients by differences on the device',
  checks: named.flatMap(([name, own]) => (own === undefined ? [] : [check(name, (bench) => slopesMatch(bench, own))])),
};
