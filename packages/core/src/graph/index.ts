// The tensor graph: building, composites, programs, printing, checking, simplifying, evaluating.
export type { CompositeDefinition, DType, FloatDType, Node, NumericDType, OpAttributes, OpName, Shape, Tensor } from './tensor.js'; // prettier-ignore
export { describeType, elementCount, isFloat, isFloatTensor, isOp, sameShape } from './tensor.js';
export { GraphError, type TensorType } from './shape-rules.js';
export {
  abs, add, and, applyComposite, argMax, barrier, broadcast, cast, concat, constant, cos, cumulativeSum, divide, dynamicSlice,
  dynamicUpdateSlice, equal, exp, gather, input, iota, less, lessEqual, log, matmul, max, maximum, mean, minimum,
  multiply, negate, not, or, pad, power, relu, reshape, rsqrt, scatterAdd, scatterAddAlongAxis, sigmoid, sign, sin,
  slice, sliceAll, softmax, logSoftmax, sqrt, state, stopGradient, subtract, sum, takeAlongAxis, tanh, topK, transpose,
  where, zerosLike,
} from './build.js'; // prettier-ignore
export * from './composites/index.js';
export { printGraph } from './print.js';
export { cutProgram, type ProgramPart, type StatePlace } from './cut-program.js';
export { program, programHash, type Program, type ProgramParts, type TensorTypes } from './program.js';
export { evaluate, type LeafValues } from './evaluate.js';
export { simplify } from './simplify.js';
export { mixedPrecision } from './mixed-precision.js';
export { statesInPlace } from './in-place.js';
export { verify } from './verify.js';
export { inlineComposites, rewrite, topological } from './walk.js';
