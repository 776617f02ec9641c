// Text from a model, token by token.
export { continuation, type Continuation } from './continuation.js';
export { createGenerator, sampleSequences, type Generator, type GeneratorOptions } from './generator.js';
