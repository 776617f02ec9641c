// Text from a model, token by token.
export { createGenerator, sampleSequences } from './generator.js';
