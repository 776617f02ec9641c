// Stage 1: opening models.
export { loadShape } from './read-shape.js';
export { loadModel, type LoadedModel } from './load-model.js';
