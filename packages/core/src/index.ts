// The public API of @espalier/core.
export { InputError, InternalError, type ErrorParts } from './errors.js';
export { random, type Random } from './random.js';
export * from './graph/index.js';
export * from './autodiff/index.js';
export * from './backend/index.js';
