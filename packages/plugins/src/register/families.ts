// Model families by name.
import { family } from '@espalier/core';
import { llama } from '../families/llama.js';

/** The families of this package. */
export const families = [family(llama)];
