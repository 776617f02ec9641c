// Making and checking tensors in host memory.
import { GraphError, type TensorType } from '../graph/shape-rules.js';
import type { Program, TensorTypes } from '../graph/program.js';
import { describeType, elementCount, sameShape, type DType, type Shape } from '../graph/tensor.js';
import type { DeviceState, HostData, HostTensor, HostTensors } from './backend.js';
import { halfToNumber, numberToHalf } from './float16.js';

const allocate: { readonly [D in DType]: (count: number) => HostData[D] } = {
  float32: (count) => new Float32Array(count),
  float16: (count) => new Uint16Array(count),
  int32: (count) => new Int32Array(count),
  bool: (count) => new Uint8Array(count),
};

/** A zero-filled tensor. */
export function hostZeros({ shape, dtype }: TensorType): HostTensor {
  const count = elementCount(shape);
  switch (dtype) {
    case 'float32':
      return { dtype, shape, data: allocate.float32(count) };
    case 'float16':
      return { dtype, shape, data: allocate.float16(count) };
    case 'int32':
      return { dtype, shape, data: allocate.int32(count) };
    case 'bool':
      return { dtype, shape, data: allocate.bool(count) };
  }
}

/** A float32 tensor of row-major values; a single number fills the shape. Throws `GraphError` for another number of values. */
export function hostFloats(values: number | ArrayLike<number>, shape: Shape): HostTensor<'float32'> {
  return { dtype: 'float32', shape, data: filled(new Float32Array(elementCount(shape)), values) };
}

/** An int32 tensor of row-major values; a single number fills the shape. Throws `GraphError` for another number of values. */
export function hostIntegers(values: number | ArrayLike<number>, shape: Shape): HostTensor<'int32'> {
  return { dtype: 'int32', shape, data: filled(new Int32Array(elementCount(shape)), values) };
}

function filled<Data extends HostData[DType]>(data: Data, values: number | ArrayLike<number>): Data {
  if (typeof values === 'number') data.fill(values);
  else if (values.length === data.length) data.set(values);
  else throw new GraphError(`${values.length} values do not fill ${data.length} elements`);
  return data;
}

/** Rounds row-major numbers to a type; booleans are 0 and 1, integers wrap around. Throws `GraphError` for another number of values. */
export function hostTensor(type: TensorType, values: ArrayLike<number>): HostTensor {
  const tensor = hostZeros(type);
  filled(tensor.data, tensor.dtype === 'float16' ? Uint16Array.from(values, numberToHalf) : values);
  return tensor;
}

/** The numbers a tensor holds, row-major; booleans are 0 and 1. */
export function hostValues({ dtype, data }: HostTensor): Float64Array {
  return Float64Array.from(data, dtype === 'float16' ? halfToNumber : (value) => value);
}

/** The single number of a one-element tensor. Throws `GraphError` for none and for several. */
export function hostNumber(tensor: HostTensor | undefined): number {
  const [value, another] = tensor === undefined ? [] : hostValues(tensor);
  if (value === undefined || another !== undefined) throw new GraphError('expected a tensor with one element');
  return value;
}

/**
 * The tensor itself; throws `GraphError` unless it has exactly this type and as many values as its shape says. `what` opens the
 * message.
 */
export function checkHostTensor(what: string, type: TensorType, tensor: HostTensor | undefined): HostTensor {
  if (tensor === undefined) throw new GraphError(`${what} is missing; it must be ${describeType(type)}`);
  if (tensor.dtype !== type.dtype || !sameShape(tensor.shape, type.shape)) {
    throw new GraphError(`${what} is ${describeType(tensor)}; it must be ${describeType(type)}`);
  }
  if (tensor.data.length !== elementCount(type.shape)) {
    throw new GraphError(
      `${what} holds ${tensor.data.length} values; ${describeType(type)} needs ${elementCount(type.shape)}`,
    );
  }
  return tensor;
}

/** Throws `GraphError` naming the first input or state that a run lacks or that has the wrong type. */
export function checkRun(program: Program, inputs: HostTensors, state: DeviceState | undefined): void {
  for (const [name, type] of Object.entries(program.inputs)) {
    checkHostTensor(`input "${name}" of program "${program.name}"`, type, inputs[name]);
  }
  for (const [name, type] of Object.entries(program.states)) {
    const held = state?.types[name];
    const what = `state "${name}" of program "${program.name}"`;
    if (held === undefined) throw new GraphError(`${what} is missing; it must be ${describeType(type)}`);
    if (held.dtype === type.dtype && sameShape(held.shape, type.shape)) continue;
    throw new GraphError(`${what} is ${describeType(held)}; it must be ${describeType(type)}`);
  }
}

/** The type of a state by name. Throws `GraphError` for one that is not held. */
export function stateType(types: TensorTypes, name: string): TensorType {
  const type = types[name];
  if (type === undefined)
    throw new GraphError(`there is no state "${name}"; held are ${Object.keys(types).join(', ')}`);
  return type;
}
