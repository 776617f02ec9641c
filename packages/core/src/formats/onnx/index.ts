// Programs as ONNX models.
export { programToOnnx, onnxNames, type CompositeLowering, type OnnxTarget, type OpLowering } from './program.js';
export type { Emitter } from './emitter.js';
