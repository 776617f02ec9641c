// Host tensors as ONNX Runtime tensors and back; no copies.
import type { HostTensor, TensorType } from '@espalier/core/graph';
import { hostZeros } from '@espalier/core/graph';
import type { ort } from './runtime.js';

/** Wraps a host tensor's memory. */
export function toOrt({ Tensor }: typeof ort, tensor: HostTensor): ort.Tensor {
  const wrapped = new Tensor(tensor.dtype, tensor.data, tensor.shape);
  // Where there is a Float16Array (Node 24), the runtime's JavaScript puts halves into one, which its binding (1.30.0) takes
  // for empty memory: they stay the bits they are.
  if (wrapped.data !== tensor.data) Reflect.set(wrapped, 'cpuData', tensor.data);
  return wrapped;
}

/** Wraps zero-filled memory of a type. */
export function zeroOrt(runtime: typeof ort, type: TensorType): ort.Tensor {
  return toOrt(runtime, hostZeros(type));
}

/** A host tensor over the memory of a CPU tensor. */
export function fromOrt(type: TensorType, tensor: ort.Tensor): HostTensor {
  const { data } = tensor;
  const { dtype, shape } = type;
  if (dtype === 'float32' && data instanceof Float32Array) return { dtype, shape, data };
  if (dtype === 'float16' && data instanceof Uint16Array) return { dtype, shape, data };
  if (dtype === 'int32' && data instanceof Int32Array) return { dtype, shape, data };
  if (dtype === 'bool' && data instanceof Uint8Array) return { dtype, shape, data };
  throw new TypeError(`ONNX Runtime gave ${tensor.type} where ${dtype} was due`);
}
