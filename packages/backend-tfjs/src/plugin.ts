// The backend as a plugin, so that a recipe or a flag can name it.
import { definePlugin } from '@espalier/core';
import { tfjsBackend } from './tfjs-backend.js';

/** The plugin that provides the backend `tfjs`; its options are those of `tfjsBackend`. */
export const tfjsPlugin = definePlugin({ name: '@espalier/backend-tfjs', provides: [tfjsBackend] });
