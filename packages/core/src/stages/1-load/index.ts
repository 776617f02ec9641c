// Stage 1: opening models.
export { loadModel, type LoadedModel } from './load-model.js';
