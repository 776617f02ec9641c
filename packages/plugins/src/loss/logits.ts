// What the losses on logits share: temperature, the T² factor, the choice of the teacher's largest logits.
import type { ModelOutputs, TeacherOutputs } from '@espalier/core';
import { multiply, takeAlongAxis, type Tensor } from '@espalier/core/graph';
import { z } from 'zod';
import { count } from '../options.js';

type Float = Tensor<'float32'>;

/** How distributions are softened and restricted. */
export const logitOptions = z.strictObject({
  temperature: z
    .number()
    .positive()
    .default(1)
    .describe("T, divides both models' logits, which softens both distributions; 1 in the papers"),
  scaleByTemperature: z
    .boolean()
    .default(false)
    .describe(
      "multiplies the loss by T², so that the size of its gradient does not depend on T (Hinton et al. 2015); Muralidharan et al. 2024 and NVIDIA's LogitsKLLoss do not",
    ),
  topK: count
    .exactOptional()
    .describe(
      "looks at the teacher's K largest logits and the student's for the same tokens; both softmaxes are over these K, so that each sums to 1 (NVIDIA's TopKLogitsKLLoss); all tokens when not given",
    ),
});

/** How distributions are softened and restricted. */
export type LogitOptions = z.output<typeof logitOptions>;

/** Both models' logits `[N, V]`, or `[N, K]` of the teacher's largest. */
export function comparedLogits(
  student: ModelOutputs<never>,
  teacher: TeacherOutputs<never>,
  { topK }: Pick<LogitOptions, 'topK'>,
): readonly [student: Float, teacher: Float] {
  if (topK === undefined) return [student.logits, teacher.logits];
  const { ids, values } = teacher.top(topK);
  return [takeAlongAxis(student.logits, ids, 1), values];
}

/** The loss with its T² factor, where asked for. */
export function scaled(loss: Float, { temperature, scaleByTemperature }: LogitOptions): Float {
  return scaleByTemperature ? multiply(loss, temperature ** 2) : loss;
}
