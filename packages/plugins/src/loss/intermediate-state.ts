// What the losses on intermediate states share: one state of both models, compared row by row.
import { rowMean, type DistillationLoss, type StateName, type Undescribed } from '@espalier/core';
import { z } from 'zod';
import { distances, type Distance } from './distances.js';

/** How states are compared. */
export const stateOptions = z.strictObject({
  distance: z
    .enum(['cosine', 'mse'])
    .default('cosine')
    .describe("how two rows are compared; cosine was best in the paper's ablations and is NVIDIA's default"),
});

/**
 * distance(project(student), teacher) of one state, mean over valid tokens and over the pairs of layers. `project` is the shared
 * learned map to the teacher's width, or nothing where the widths are equal (Muralidharan et al. 2024, section 3).
 */
export function stateDistance(state: StateName, distance: Distance): Undescribed<DistillationLoss> {
  return {
    needsTeacher: true,
    needs: [state],
    loss: (student, teacher, { weights }) =>
      rowMean(distances[distance](student.state(state), teacher.state(state)), weights),
  };
}
