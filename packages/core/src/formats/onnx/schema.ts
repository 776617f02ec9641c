// The few ONNX protobuf messages that a program needs (field numbers from onnx.proto3, IR version 10), and their encoding.
import protobuf from 'protobufjs/light.js';
import type { DType } from '../../graph/tensor.js';

/** An attribute value: numbers are told apart by `float` and `int`, since JavaScript has one number type. */
export type OnnxAttribute =
  | {
      /** A whole number, stored as int64. */
      readonly int: number;
    }
  | {
      /** A number, stored as float32. */
      readonly float: number;
    }
  | {
      /** Whole numbers, stored as int64. */
      readonly ints: readonly number[];
    }
  | {
      /** UTF-8 text. */
      readonly string: string;
    };

export interface OnnxNode {
  readonly opType: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

/** Element types of a model: a graph's, and int64, which shapes and axes have. */
export type OnnxDType = DType | 'int64';

/** Element types of what is fed to a model: tensors may come as they lie in a file. */
export type OnnxInputDType = OnnxDType | 'bfloat16' | 'float64';

export interface OnnxValue<D extends OnnxInputDType = OnnxDType> {
  readonly name: string;
  readonly dtype: D;
  readonly shape: readonly number[];
}

/** A constant stored in the model: raw little-endian bytes. */
export interface OnnxInitializer extends OnnxValue {
  readonly bytes: Uint8Array;
}

export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly inputs: readonly OnnxValue<OnnxInputDType>[];
  readonly outputs: readonly OnnxValue[];
  readonly initializers: readonly OnnxInitializer[];
}

const IR_VERSION = 10;
const OPSET_VERSION = 21;
const dataTypes: { readonly [D in OnnxInputDType]: number } = {
  float32: 1,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  bfloat16: 16,
};

type Field = { readonly id: number; readonly type: string; readonly rule?: 'repeated' };
const field = (id: number, type: string): Field => ({ id, type });
const repeated = (id: number, type: string): Field => ({ id, type, rule: 'repeated' });

const root = protobuf.Root.fromJSON({
  nested: {
    Model: {
      fields: {
        irVersion: field(1, 'int64'),
        producerName: field(2, 'string'),
        graph: field(7, 'Graph'),
        opsetImport: repeated(8, 'OperatorSet'),
      },
    },
    OperatorSet: { fields: { domain: field(1, 'string'), version: field(2, 'int64') } },
    Graph: {
      fields: {
        node: repeated(1, 'Node'),
        name: field(2, 'string'),
        initializer: repeated(5, 'Tensor'),
        input: repeated(11, 'Value'),
        output: repeated(12, 'Value'),
      },
    },
    Node: {
      fields: {
        input: repeated(1, 'string'),
        output: repeated(2, 'string'),
        name: field(3, 'string'),
        opType: field(4, 'string'),
        attribute: repeated(5, 'Attribute'),
        domain: field(7, 'string'),
      },
    },
    Attribute: {
      fields: {
        name: field(1, 'string'),
        f: field(2, 'float'),
        i: field(3, 'int64'),
        s: field(4, 'bytes'),
        ints: repeated(8, 'int64'),
        type: field(20, 'int32'),
      },
    },
    Tensor: {
      fields: {
        dims: repeated(1, 'int64'),
        dataType: field(2, 'int32'),
        name: field(8, 'string'),
        rawData: field(9, 'bytes'),
      },
    },
    Value: { fields: { name: field(1, 'string'), type: field(2, 'Type') } },
    Type: { fields: { tensorType: field(1, 'TensorType') } },
    TensorType: { fields: { elemType: field(1, 'int32'), shape: field(2, 'TensorShape') } },
    TensorShape: { fields: { dim: repeated(1, 'Dimension') } },
    Dimension: { fields: { dimValue: field(1, 'int64') } },
  },
});

/** Serialises a graph as an ONNX model over the standard operators and `com.microsoft` ones. */
export function encodeOnnx(graph: OnnxGraph): Uint8Array {
  const message = {
    irVersion: IR_VERSION,
    producerName: 'espalier',
    opsetImport: [
      { domain: '', version: OPSET_VERSION },
      { domain: 'com.microsoft', version: 1 },
    ],
    graph: {
      name: graph.name,
      node: graph.nodes.map(({ opType, domain, inputs, outputs, attributes }, index) => ({
        name: `${opType}_${index}`,
        opType,
        domain,
        input: inputs,
        output: outputs,
        attribute: Object.entries(attributes).map(([name, value]) => encodeAttribute(name, value)),
      })),
      initializer: graph.initializers.map(({ name, dtype, shape, bytes }) => ({
        name,
        dims: shape,
        dataType: dataTypes[dtype],
        rawData: bytes,
      })),
      input: graph.inputs.map(encodeValue),
      output: graph.outputs.map(encodeValue),
    },
  };
  return root.lookupType('Model').encode(message).finish();
}

function encodeAttribute(name: string, value: OnnxAttribute): object {
  if ('float' in value) return { name, f: value.float, type: 1 };
  if ('int' in value) return { name, i: value.int, type: 2 };
  if ('string' in value) return { name, s: new TextEncoder().encode(value.string), type: 3 };
  return { name, ints: value.ints, type: 7 };
}

function encodeValue({ name, dtype, shape }: OnnxValue<OnnxInputDType>): object {
  const dim = shape.map((size) => ({ dimValue: size }));
  return { name, type: { tensorType: { elemType: dataTypes[dtype], shape: { dim } } } };
}
