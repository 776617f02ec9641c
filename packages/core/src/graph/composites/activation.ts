// Activations of the feed-forward block.
import { add, applyComposite, multiply, relu, sigmoid, subtract } from '../build.js';
import type { CompositeDefinition, FloatDType, Tensor } from '../tensor.js';
import { floats } from './operands.js';

/** What a backend's kernel for `silu` goes by: one operand, no options. */
export const siluDefinition: CompositeDefinition<undefined> = {
  name: 'silu',
  body(inputs) {
    const [x] = floats(inputs, 1);
    return multiply(x, sigmoid(x));
  },
};

/** x · σ(x), elementwise (Elfwing et al. 2017). */
export function silu<D extends FloatDType>(x: Tensor<D>): Tensor<D> {
  return applyComposite(siluDefinition, [x], undefined);
}

export const swiGluDefinition: CompositeDefinition<undefined> = {
  name: 'swiGlu',
  body(inputs) {
    const [gate, up] = floats(inputs, 2);
    return multiply(silu(gate), up);
  },
  // up·silu′(gate) = y + σ·(up − y) with y the output: two products fewer than the body differentiated step by step.
  gradient({ inputs, output, cotangent }) {
    const [gate, up] = floats(inputs, 2);
    const [ct, y] = floats([cotangent, output], 2);
    return [multiply(ct, add(multiply(sigmoid(gate), subtract(up, y)), y)), multiply(ct, silu(gate))];
  },
};

/** silu(gate) · up, elementwise over tensors of one shape (Shazeer 2020, SwiGLU without its projections). */
export function swiGlu<D extends FloatDType>(gate: Tensor<D>, up: Tensor<NoInfer<D>>): Tensor<D> {
  return applyComposite(swiGluDefinition, [gate, up], undefined);
}

const squaredReluDefinition: CompositeDefinition<undefined> = {
  name: 'squaredRelu',
  body(inputs) {
    const [x] = floats(inputs, 1);
    const positive = relu(x);
    return multiply(positive, positive);
  },
};

/** max(x, 0)², elementwise (So et al. 2021; Nemotron's activation). */
export function squaredRelu<D extends FloatDType>(x: Tensor<D>): Tensor<D> {
  return applyComposite(squaredReluDefinition, [x], undefined);
}
