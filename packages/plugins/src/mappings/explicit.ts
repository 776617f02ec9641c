// Pairs of layers as they are given.
import { InputError, type LayerMapping, type LayerPair } from '@espalier/core';

/** Which layers meet. */
export interface ExplicitOptions {
  /** Student and teacher layers, 0-based; at least one pair. */
  readonly pairs: readonly LayerPair[];
}

/** The given pairs. `pairs` throws `InputError` for none, and for layers that the models do not have. */
export function explicitMapping({ pairs }: ExplicitOptions): LayerMapping {
  return {
    name: 'explicit',
    summary: 'the pairs of layers given, 0-based',
    pairs(student, teacher) {
      const asked = 'compare the given pairs of layers';
      const fix = `Layers are 0-based: 0 to ${student - 1} in the student, 0 to ${teacher - 1} in the teacher`;
      if (pairs.length === 0) throw new InputError({ asked, found: 'there is none', fix });
      const outside = pairs.find((pair) => pair.student >= student || pair.teacher >= teacher);
      if (outside === undefined) return pairs;
      const found = `student layer ${outside.student} with teacher layer ${outside.teacher}, of ${student} and ${teacher}`;
      throw new InputError({ asked, found, fix });
    },
  };
}
