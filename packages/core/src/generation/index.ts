// Text from a model, token by token.
export { createGenerator, sampleSequences, type Generator, type GeneratorOptions } from './generator.js';
