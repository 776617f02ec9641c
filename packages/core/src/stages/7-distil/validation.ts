// Losses on held-back text while a training runs, over the weights that it is changing.
import type { DeviceState } from '../../backend/index.js';
import { InputError } from '../../errors.js';
import type { Program } from '../../graph/index.js';
import { lossScalars, type TrainingPlace } from './loss-scalars.js';
import type { TrainStepOptions } from './step-options.js';
import {
  batchInputs,
  batchLosses,
  lossesOverRows,
  type BatchLosses,
  type Compile,
  type StepMetrics,
} from './stepper.js';
import type { EvaluationOptions } from './train-options.js';
import { lossProgram } from './train-step.js';

/** Measures the present weights. */
export interface Validation {
  /** Means over all rows that count, as metrics `validation/…`. */
  measure(data: EvaluationOptions['data'], place: TrainingPlace): Promise<StepMetrics>;
  dispose(): Promise<void>;
}

/** The program of it. */
export function validationProgram(step: TrainStepOptions, { losses = step.losses }: EvaluationOptions): Program {
  return lossProgram({ ...step, losses });
}

/** Compiles it over the state of a training. */
export async function createValidation(
  step: Pick<TrainStepOptions, 'losses' | 'balancer' | 'crossDocumentAttention'>,
  program: Program,
  compile: Compile,
  state: DeviceState,
): Promise<Validation> {
  const executable = await compile(program);
  return {
    async measure(data, place) {
      const parts: BatchLosses[] = [];
      const scalars = lossScalars({ losses: step.losses, ...(step.balancer && { balancer: step.balancer }) }, place);
      for await (const batch of data())
        parts.push(batchLosses(await executable.run({ ...batchInputs(batch, step), ...scalars }, state)));
      const losses = lossesOverRows(parts);
      if (Object.keys(losses).length === 0) {
        const found = parts.length === 0 ? 'there is no whole batch of text' : 'no prediction of its text counts';
        const fix = 'Give text of the length that is trained on, or a smaller batch';
        throw new InputError({ asked: 'evaluate while training', found, fix });
      }
      return Object.fromEntries(Object.entries(losses).map(([name, value]) => [`validation/${name}`, value]));
    },
    dispose: () => executable.dispose(),
  };
}
