// Seeded random graphs over small random shapes. Values stay within ±4, and whatever is discontinuous (comparisons, orders,
// truncation) only sees numbers that float32 holds exactly, so that every backend must agree up to rounding.
import { random, type Random } from '@espalier/core';
import { elementCount, isFloat, multiply, topological, type Shape, type Tensor } from '@espalier/core/graph';
import { booleans, floats, integers, whole } from './draws.js';
import { makeLeaves, type GraphCase, type LeafSpec } from './graph-case.js';
import { boolMoves, floatMoves, integerMoves, type Known } from './random-moves.js';

export interface RandomProgramOptions {
  /** Only ops that are differentiable everywhere, for checks against differences. */
  readonly smooth?: boolean;
}

const LARGEST = 200;
const BOUND = 4;

/** A graph of 10 to 40 nodes with several results; the same seed gives the same graph. */
export function randomProgram(seed: number, options: RandomProgramOptions = {}): GraphCase {
  const stream = random(seed).fork('random program');
  const leaves = randomLeaves(stream.fork('leaves'));
  const wrt = Object.keys(leaves).filter((name) => isFloat(leaves[name]?.dtype ?? 'bool'));
  return {
    title: `random program ${seed}`,
    leaves,
    wrt,
    build: () => {
      const made = makeLeaves(leaves);
      return { leaves: made, outputs: grow(Object.values(made), stream.fork('graph'), options) };
    },
  };
}

/** Three float leaves that broadcast together, one integer and one boolean leaf. */
function randomLeaves(stream: Random): Record<string, LeafSpec> {
  const base = Array.from({ length: 1 + stream.integer(3) }, () =>
    stream.uniform() < 0.06 ? 0 : 1 + stream.integer(4),
  );
  const part = (): Shape =>
    base.slice(stream.integer(base.length + 1)).map((size) => (stream.uniform() < 0.2 ? 1 : size));
  const clipped = floats(base, (own, count) => Array.from({ length: count }, () => Math.tanh(own.normal())));
  return {
    a: clipped,
    b: { ...clipped, shape: part() },
    c: { ...clipped, shape: part() },
    i: integers(part(), whole(-4, 5)),
    t: booleans(part()),
  };
}

function grow(
  leaves: readonly Tensor[],
  stream: Random,
  { smooth = false }: RandomProgramOptions,
): Record<string, Tensor> {
  const pool: Known[] = leaves.map((tensor) => ({ tensor, bound: tensor.dtype === 'int32' ? 4 : 1, exact: true }));
  const steps = 9 + stream.integer(8);
  const tables = { float32: floatMoves(smooth), int32: integerMoves, bool: boolMoves };
  for (let step = 0, tries = 0; step < steps && tries < 400; tries++) {
    // Recent nodes more often, so that graphs grow deep as well as wide.
    const from = Math.max(0, pool.length - 1 - Math.floor(stream.uniform() ** 2 * pool.length));
    const operand = pool[from];
    if (operand === undefined || operand.tensor.dtype === 'float16') continue;
    const made = stream.pick(tables[operand.tensor.dtype])(operand, { stream, pool });
    if (made === undefined || elementCount(made.tensor.shape) > LARGEST || made.tensor.shape.length > 4) continue;
    pool.push(scaled(made));
    step++;
  }
  const used = new Set(pool.flatMap(({ tensor }) => topological([tensor]).filter((node) => node !== tensor)));
  const results = pool.map(({ tensor }) => tensor).filter((tensor) => !used.has(tensor) && !leaves.includes(tensor));
  return Object.fromEntries(results.map((tensor, i) => [`result ${i}`, tensor]));
}

/** Brings floats back within the bound. */
function scaled(known: Known): Known {
  const { tensor, bound } = known;
  if (bound <= BOUND || tensor.dtype !== 'float32') return known;
  return { tensor: multiply(tensor as Tensor<'float32'>, 1 / bound), bound: 1, exact: false };
}
