// What the losses on intermediate states share: one state of both models, compared row by row.
import { rowMean, type DistillationLoss, type StateName } from '@espalier/core';
import { distances, type Distance } from './distances.js';

/** How states are compared. */
export interface IntermediateStateOptions {
  /** How two rows are compared; `cosine`, best in the paper's ablations and NVIDIA's default, when not given. */
  readonly distance?: Distance;
}

/**
 * distance(project(student), teacher) of one state, mean over valid tokens and over the pairs of layers. `project` is the shared
 * learned map to the teacher's width, or nothing where the widths are equal (Muralidharan et al. 2024, section 3).
 */
export function intermediateState<Name extends StateName>(
  name: string,
  what: string,
  state: Name,
  { distance = 'cosine' }: IntermediateStateOptions,
): DistillationLoss<Name> {
  return {
    name,
    summary: `${distance === 'mse' ? 'mean square difference' : '1 − cosine'} of ${what}, mean over valid tokens`,
    needsTeacher: true,
    needs: [state],
    loss: (student, teacher, { weights }) =>
      rowMean(distances[distance](student.state(state), teacher.state(state)), weights),
  };
}
