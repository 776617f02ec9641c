// The public API of @espalier/plugins.
export { llama } from './families/llama.js';
export { adamw, type AdamWOptions } from './optimizers/adamw.js';
export { cosine, type CosineOptions } from './schedules/cosine.js';
export { crossEntropyLoss } from './losses/cross-entropy.js';
export { forwardKlLoss, type ForwardKlOptions } from './losses/forward-kl.js';
