// A plugin of somebody else's with one strategy for each seam of a training: every file is what an author writes, and no more.
import { definePlugin } from '@espalier/core';
import { data } from './data.js';
import { evaluator } from './evaluator.js';
import { loss } from './loss.js';
import { optimizer } from './optimizer.js';
import { stop } from './stop.js';
import { transform } from './transform.js';

export default definePlugin({
  name: 'espalier-plugin-seams',
  provides: [data, evaluator, loss, optimizer, stop, transform],
});
