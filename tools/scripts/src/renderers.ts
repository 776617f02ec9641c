// The generated blocks by name: `<!-- generated:NAME -->` in a page is filled by the function of that name here.
import type { Renderer } from './generated-blocks.js';

export const renderers: Readonly<Record<string, Renderer>> = {};
