// Text from a model, token by token.
export { segmentsOf, type Segment } from './cache.js';
export { generationProgram, generationStates, newestIds, type GenerationShape } from './generation-program.js';
export { createGenerator, sampleSequences, type Generator, type GeneratorOptions } from './generator.js';
export { sampleIds, type SamplingInputs } from './sampling.js';
