// Fewer layers of the same width.
import { strategy } from '@espalier/core';
import { narrowestShape, tooLittle } from './too-little.js';

/** As many layers as the budget allows, all widths as they are. `choose` throws `InputError` when one layer is already too much. */
export const depthSearch = strategy('search', {
  name: 'depth',
  summary: 'whole layers go; the widths stay',
  create: () => ({
    choose({ architecture, family }, budget) {
      for (let { layers } = architecture; layers >= 1; layers--) {
        if (budget.cost({ ...architecture, layers }) <= budget.most) return { ...architecture, layers };
      }
      throw tooLittle('depth', budget, { ...architecture, layers: 1 }, narrowestShape({ architecture, family }));
    },
  }),
});
