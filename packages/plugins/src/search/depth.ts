// Fewer layers of the same width.
import { InputError, strategy } from '@espalier/core';

/** As many layers as the budget allows, all widths as they are. `choose` throws `InputError` when one layer is already too much. */
export const depthSearch = strategy('search', {
  name: 'depth',
  summary: 'whole layers go; the widths stay',
  create: () => ({
    choose({ architecture }, { most, cost, describe }) {
      for (let { layers } = architecture; layers >= 1; layers--) {
        if (cost({ ...architecture, layers }) <= most) return { ...architecture, layers };
      }
      throw new InputError({
        asked: `prune to ${describe(most)} by depth`,
        found: 'the embeddings and one layer have more',
        fix: `Give at least ${describe(cost({ ...architecture, layers: 1 }))}, or prune by width`,
      });
    },
  }),
});
