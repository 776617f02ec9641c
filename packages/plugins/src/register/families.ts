// Model families by name.
import { family } from '@espalier/core';
import { llama } from '../families/llama.js';
import { mistral } from '../families/mistral.js';
import { nemotron } from '../families/nemotron.js';
import { qwen2 } from '../families/qwen2.js';
import { qwen3 } from '../families/qwen3.js';

/** The families of this package. */
export const families = [family(llama), family(mistral), family(nemotron), family(qwen2), family(qwen3)];
