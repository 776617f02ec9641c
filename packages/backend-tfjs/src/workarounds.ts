// Kernels that a device lacks or gets wrong (TensorFlow.js 4.22), each with a test in `workarounds.spec.ts`. Everything else is
// in `rules.ts`.
import * as tf from '@tensorflow/tfjs-core';
import { webgpuWorkarounds } from './webgpu-workarounds.js';
import { exactAbs, exactNegate } from './exact-integers.js';
import { wasmMatmul } from './wasm-products.js';
import { operand, rules, scatterRules, type Rules, type SumRows } from './rules.js';

/** TensorFlow.js's own names of the devices this backend has. */
export type Runtime = 'cpu' | 'wasm' | 'webgpu' | 'tensorflow';

/** Sums rows in a JavaScript loop: wasm has no kernel for it, and none of them checks the indices. */
const sumRowsOnHost: SumRows = (indices, rows, size) => {
  const [at, from] = [indices.dataSync(), rows.dataSync()];
  const [, width] = rows.shape;
  const into = rows.dtype === 'int32' ? new Int32Array(size * width) : new Float32Array(size * width);
  for (let row = 0; row < at.length; row++) {
    const target = at[row]!;
    if (target < 0 || target >= size) throw new RangeError(`index ${target} is outside 0…${size - 1}`);
    for (let i = 0; i < width; i++) {
      const place = target * width + i;
      into[place] = into[place]! + from[row * width + i]!;
    }
  }
  return tf.tensor(into, [size, width], rows.dtype);
};

const workarounds: { readonly [Name in Runtime]: Partial<Rules> } = {
  cpu: { ...scatterRules(sumRowsOnHost), abs: exactAbs },
  wasm: {
    ...scatterRules(sumRowsOnHost),
    matmul: wasmMatmul,
    negate: exactNegate,
    abs: exactAbs,
    // The kernel gives 0 for what is close to it.
    sign: (_node, operands) => {
      const x = operand(operands, 0);
      const is = (own: tf.Tensor): tf.Tensor => tf.cast(own, 'float32');
      return tf.sub(is(tf.greater(x, 0)), is(tf.less(x, 0)));
    },
  },
  webgpu: webgpuWorkarounds,
  tensorflow: {},
};

/** The rules of a device. */
export function rulesOf(runtime: Runtime): Rules {
  return { ...rules, ...workarounds[runtime] };
}
export type { Rules } from './rules.js';
