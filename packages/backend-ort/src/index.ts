// The public API of @espalier/backend-ort.
export { ortBackend, type OrtOptions } from './ort-backend.js';
export { ortPlugin } from './plugin.js';
