// The backend as a plugin, so that a recipe or a flag can name it.
import { definePlugin } from '@espalier/core';
import { ortBackend } from './ort-backend.js';

/** The plugin that provides the backend `ort`; its options are those of `ortBackend`. */
export const ortPlugin = definePlugin({ name: '@espalier/backend-ort', provides: [ortBackend] });
