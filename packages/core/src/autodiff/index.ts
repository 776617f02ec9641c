// Reverse-mode differentiation, graph to graph.
export { gradient } from './gradient.js';
export { noGradientReason } from './gradient-rules.js';
