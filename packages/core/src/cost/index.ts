// What a shape costs: parameters, memory, work. Pure functions of the named axes.
export { forwardFlops, meanKeys, trainFlops } from './flops.js';
export { matmulFlops } from './matmul-flops.js';
export {
  cacheBytes,
  servingBytes,
  storageBytes,
  trainingBytes,
  weightBytes,
  type CostStorage,
  type Serving,
  type TrainingBytes,
  type TrainingSetup,
  type Workload,
} from './memory.js';
export { layersWith, modelParameters } from './parameters.js';
