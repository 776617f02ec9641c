// Numbers of losses and balancers that change from step to step: inputs of the programs, fed like an optimiser's.
import { hostFloats, type HostTensors } from '../../backend/index.js';
import { InputError } from '../../errors.js';
import { input, type Tensor } from '../../graph/index.js';
import type { LossTerm, StepScalars } from './loss-term.js';
import type { TrainStepOptions } from './step-options.js';

/** Where a training is. */
export interface TrainingPlace {
  /** 0-based. */
  readonly step: number;
  readonly steps: number;
}

type Declared = Pick<LossTerm, 'name'> & StepScalars;

/** Prefixes of the inputs. */
export const scalarsOf = {
  loss: (index: number): string => `curriculum/loss/${index}`,
  balancer: 'curriculum/balancer',
  teacherLoss: (index: number): string => `curriculum/teacherLoss/${index}`,
};

/** The numbers that a loss or balancer declares, as inputs of a program. */
export function scalarLeaves(prefix: string, own: Declared): Readonly<Record<string, Tensor<'float32'>>> {
  const names = Object.keys(valuesOf(own, { step: 0, steps: 1 }));
  return Object.fromEntries(names.map((name) => [name, input(`${prefix}/${name}`, [], 'float32')]));
}

/** What all losses and the balancer are fed at a step. Throws `InputError`, naming the one, where it fails or gives no finite number. */
export function lossScalars(
  {
    losses,
    balancer,
    correction,
  }: Pick<TrainStepOptions, 'losses' | 'balancer'> & {
    readonly correction?: Pick<NonNullable<TrainStepOptions['correction']>, 'losses'>;
  },
  place: TrainingPlace,
): HostTensors {
  const fed: Record<string, HostTensors[string]> = {};
  const feed = (prefix: string, own: Declared): void => {
    for (const [name, value] of Object.entries(valuesOf(own, place))) fed[`${prefix}/${name}`] = hostFloats(value, []);
  };
  for (const [index, { term }] of losses.entries()) feed(scalarsOf.loss(index), term);
  if (balancer !== undefined) feed(scalarsOf.balancer, balancer);
  for (const [index, { term }] of (correction?.losses ?? []).entries()) feed(scalarsOf.teacherLoss(index), term);
  return fed;
}

function valuesOf(own: Declared, { step, steps }: TrainingPlace): Readonly<Record<string, number>> {
  if (own.scalars === undefined) return {};
  const refused = (found: string, cause?: unknown): InputError =>
    new InputError(
      { asked: `use the scalars of "${own.name}" at step ${step}`, found, fix: 'Correct them' },
      { cause },
    );
  let values: Readonly<Record<string, number>>;
  try {
    values = own.scalars(step, steps);
  } catch (cause) {
    throw refused(cause instanceof Error ? cause.message : String(cause), cause);
  }
  const wrong = Object.entries(values).find(([, value]) => !Number.isFinite(value));
  if (wrong !== undefined) throw refused(`"${wrong[0]}" is ${String(wrong[1])}`);
  return values;
}
