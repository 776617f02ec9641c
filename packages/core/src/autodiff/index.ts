// Reverse-mode differentiation, graph to graph.
export { gradient } from './gradient.js';
export { noGradientReason, opNames } from './gradient-rules.js';
