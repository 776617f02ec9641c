// The public API of @espalier/core.
export { InputError, InternalError, type ErrorParts } from './errors.js';
export { random, type Random } from './random.js';
export * from './graph/index.js';
export * from './autodiff/index.js';
export * from './backend/index.js';
export { onnxNames, programToOnnx, type CompositeLowering, type Emitter, type OnnxTarget } from './formats/onnx/index.js';
export * from './model/index.js';
export * from './stages/7-distil/index.js';
export * from './pipeline/index.js';
