// The public API of @espalier/backend-tfjs.
export { tfjsPlugin } from './plugin.js';
export { tfjsBackend, type TfjsOptions } from './tfjs-backend.js';
