// Collects the ONNX nodes and constants of one program while its graph is walked.
import { InternalError } from '../../errors.js';
import { present } from '../../look-up.js';
import { elementCount, type Shape } from '../../graph/tensor.js';
import { encode } from '../storage-type.js';
import type { OnnxAttribute, OnnxDType, OnnxInitializer, OnnxNode } from './schema.js';

/** What an emission rule writes to. Values are referred to by name. */
export interface Emitter {
  /**
   * Adds a node and returns the name of its output. Throws `InternalError` for an operand without a name. `options.domain` is the operator set where it is not ONNX's own;
   * `options.outputs` says how many outputs the node has and which of them (0-based) is wanted, the only one when not given.
   */
  node(
    opType: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, OnnxAttribute>>,
    options?: NodeOptions,
  ): string;
  /** A constant; equal ones are stored once. A single value fills the shape. */
  constant(values: readonly number[], shape: Shape, dtype: OnnxDType): string;
  /** A one-dimensional int64 constant, as shapes and axes are given. */
  ints(values: readonly number[]): string;
  /** Whether batched products are to be written in ONNX's own ops. */
  readonly plainProducts: boolean;
}

interface NodeOptions {
  /** The operator set, e.g. `com.microsoft`; ONNX's own when not given. */
  readonly domain?: string;
  /** How many outputs the node has, and which of them is wanted. */
  readonly outputs?: { readonly count: number; readonly take: number };
}

/** An emitter and what it has collected. */
export interface Collector extends Emitter {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxInitializer[];
}

export function createCollector(plainProducts = false): Collector {
  const nodes: OnnxNode[] = [];
  const initializers: OnnxInitializer[] = [];
  const constants = new Map<string, string>();
  const emitter: Emitter = {
    plainProducts,
    node(opType, inputs, attributes = {}, { domain = '', outputs = { count: 1, take: 0 } } = {}) {
      // In ONNX an empty name says that an optional input is absent: the model would be valid, and another.
      if (inputs.includes('')) throw new InternalError(`an operand of ${opType} has no name`);
      const names = Array.from(
        { length: outputs.count },
        (_, index) => `v${nodes.length}${index === 0 ? '' : `_${index}`}`,
      );
      const kept = names.map((name, index) => (index <= outputs.take ? name : ''));
      nodes.push({ opType, domain, inputs, outputs: kept.slice(0, outputs.take + 1), attributes });
      return present(names[outputs.take], `output ${outputs.take} of ${opType}`);
    },
    constant(values, shape, dtype) {
      // −0 prints like 0, and is another constant.
      const key = `${dtype}[${shape.join(',')}]${values.map((value) => (Object.is(value, -0) ? '-0' : value)).join(',')}`;
      const known = constants.get(key);
      if (known !== undefined) return known;
      const name = `c${initializers.length}`;
      constants.set(key, name);
      initializers.push({ name, dtype, shape, bytes: constantBytes(values, elementCount(shape), dtype) });
      return name;
    },
    ints: (values) => emitter.constant(values, [values.length], 'int64'),
  };
  return { ...emitter, nodes, initializers };
}

function constantBytes(values: readonly number[], count: number, dtype: OnnxDType): Uint8Array {
  const full =
    values.length === count
      ? values
      : Array.from({ length: count }, () => present(values[0], 'the value of a constant'));
  return encoders[dtype](full);
}

const encoders: { readonly [D in OnnxDType]: (values: readonly number[]) => Uint8Array } = {
  float32: (values) => encode(Float32Array.from(values), 'F32'),
  float16: (values) => encode(Float32Array.from(values), 'F16'),
  int32: (values) => new Uint8Array(Int32Array.from(values).buffer),
  int64: (values) => new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
  bool: (values) => Uint8Array.from(values),
};
