// Host tensors as TensorFlow.js tensors and back, always by copy: its CPU backend keeps the arrays it is given and gives away
// the arrays it has. float16 lies on the device as float32 that float16 can hold.
import { hostTensor, hostValues, type HostTensor, type TensorType } from '@espalier/core/graph';
import * as tf from '@tensorflow/tfjs-core';

/** Copies a tensor to the active device. */
export function toDevice(tensor: HostTensor): tf.Tensor {
  const shape = [...tensor.shape];
  switch (tensor.dtype) {
    case 'float32':
      return tf.tensor(tensor.data.slice(), shape, 'float32');
    case 'float16':
      return tf.tensor(Float32Array.from(hostValues(tensor)), shape, 'float32');
    case 'int32':
      return tf.tensor(tensor.data.slice(), shape, 'int32');
    case 'bool':
      return tf.tensor(tensor.data.slice(), shape, 'bool');
  }
}

/** Copies a tensor from its device. */
export async function toHost(type: TensorType, tensor: tf.Tensor): Promise<HostTensor> {
  return hostTensor(type, await tensor.data());
}
