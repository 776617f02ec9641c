// What a shape costs: parameters, memory, work. Pure functions of the named axes.
export { forwardFlops, trainFlops } from './flops.js';
export { matmulFlops } from './matmul-flops.js';
export { cacheBytes, servingBytes, weightBytes } from './memory.js';
export { modelParameters } from './parameters.js';
export { programBytes, type ProgramBytes } from './program-memory.js';
export { PROCESS_BYTES, runnerBytes, type RunBytes, type RunnerUse } from './runner-memory.js';
