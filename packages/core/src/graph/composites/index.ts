// The named composites: graph functions that keep their name, so that a backend may run each as one kernel. A kernel goes
// by the definition, not the name: another package may give its own composite the same name.
export { rmsNorm, rmsNormDefinition, layerNorm, layerNormDefinition } from './normalisation.js';
export { rotary, rotaryDefinition } from './rotary.js';
export { attention } from './attention.js';
export { silu, siluDefinition, swiGlu, squaredRelu } from './activation.js';
export { crossEntropy, forwardKl, reverseKl } from './losses.js';
