// The named composites: graph functions that keep their name, so that a backend may run each as one kernel.
export { rmsNorm, layerNorm } from './normalisation.js';
export { rotary } from './rotary.js';
export { attention, causalBlocks } from './attention.js';
export { silu, swiGlu, squaredRelu } from './activation.js';
export { crossEntropy, forwardKl, reverseKl } from './losses.js';
