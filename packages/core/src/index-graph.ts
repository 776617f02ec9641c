// The second entry point, `@espalier/core/graph`: tensor graphs, their gradients, and the contract of the backends that run them.
export * from './graph/index.js';
export * from './autodiff/index.js';
export * from './backend/index.js';
export {
  onnxNames,
  programToOnnx,
  type CompositeLowering,
  type Emitter,
  type OnnxTarget,
  type OpLowering,
} from './formats/onnx/index.js';
