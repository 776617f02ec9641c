// Sine and cosine to float32's precision out of ordinary kernels, for the WebGPU provider: WGSL allows its own an error of 2⁻¹¹.
import type { Emitter, OpLowering } from '@espalier/core/graph';
import { operand } from './operand.js';

/** π in three parts that float32 holds, so that a multiple of it is taken off without rounding (Cody and Waite). */
const PI_PARTS = [3.140625, 9.67502593994140625e-4, 1.509957990978376432e-7];
/** Taylor's coefficients of sine up to the 11th power: 6e-8 off at ±π/2. */
const SINE = [1, -1 / 6, 1 / 120, -1 / 5040, 1 / 362880];
const LAST_OF_SINE = -1 / 39916800;

/** sin(kπ + r) = ±sin r and cos((k + ½)π + r) = ∓sin r, r within ±π/2. */
function circular(half: number, sign: number): OpLowering {
  return (node, [first], emit) => {
    const x = operand(first);
    const number = (value: number): string => emit.constant([value], [], node.dtype);
    const apply = (op: string, a: string, b: string | number): string =>
      emit.node(op, [a, typeof b === 'number' ? number(b) : b]);
    const turns = floor(apply('Add', apply('Mul', x, 1 / Math.PI), 0.5 - half), emit);
    const middle = apply('Add', turns, half);
    const rest = PI_PARTS.reduce((left, part) => apply('Sub', left, apply('Mul', middle, part)), x);
    const square = apply('Mul', rest, rest);
    const series = SINE.reduceRight(
      (sum, factor) => apply('Add', apply('Mul', sum, square), factor),
      number(LAST_OF_SINE),
    );
    const odd = apply('Sub', turns, apply('Mul', floor(apply('Mul', turns, 0.5), emit), 2));
    const direction = emit.node('Sub', [number(sign), apply('Mul', odd, 2 * sign)]);
    return apply('Mul', apply('Mul', rest, series), direction);
  };
}

function floor(x: string, emit: Emitter): string {
  return emit.node('Floor', [x]);
}

export const sine = circular(0, 1);
export const cosine = circular(0.5, -1);
