// What a target demands of a shape, as numbers that can be compared: how much of what, and how much a shape has of it.
import { modelParameters, servingBytes } from '../../cost/index.js';
import { InputError } from '../../errors.js';
import type { Architecture, ModelShape } from '../../model/index.js';
import { countedShape } from './layer-choice.js';
import { explicitArchitecture, targetParameters } from './target-shape.js';
import {
  countedName,
  describeTarget,
  formatBytes,
  grouped,
  type ComputedTarget,
  type CountTarget,
  type Target,
} from './target.js';

/** Between how much and how much of something a shape must have. */
export interface Budget {
  /** Least that a shape must have. */
  readonly least: number;
  /** Most that it may have. */
  readonly most: number;
  /** How much a shape has: parameters, bytes or (predicted) milliseconds, by the target. */
  cost(architecture: Architecture): number;
  /** An amount for people: `4,190,509,056 parameters`. */
  describe(amount: number): string;
  /** What may have been meant where no shape has so little: `50%`, of a target of 50 parameters. */
  readonly meant?: string;
}

/** Whether an amount is within a budget, both ends included. */
export function fits({ least, most }: Pick<Budget, 'least' | 'most'>, amount: number): boolean {
  return amount >= least && amount <= most;
}

/**
 * The budget of a target that needs no measuring. A number or share of parameters is met within ± `tolerance` of it (the paper's
 * 4B is 3.8 to 4.2B at 0.05) unless the target is a range; without a tolerance the number is the most. Memory is the most. Throws
 * `InputError` for a number above the model's, and for memory that the model does not need.
 */
export function computedBudget(model: ModelShape, target: ComputedTarget, tolerance?: number): Budget {
  const { family } = model;
  if (target.kind === 'memory') {
    const cost = (architecture: Architecture): number => servingBytes({ family, architecture }, target.serving);
    const whole = cost(model.architecture);
    if (whole <= target.bytes) throw nothingToDo(target, `the model itself needs ${formatBytes(whole)}`);
    return { least: 0, most: target.bytes, cost, describe: formatBytes };
  }
  const counted = target.kind === 'shape' ? undefined : target.counted;
  const key = counted === 'non-embedding' ? 'nonEmbeddingParameters' : 'parameters';
  const cost = (architecture: Architecture): number => modelParameters({ family, architecture })[key];
  const describe = (amount: number): string => `${grouped(Math.round(amount))} ${countedName(counted)}`;
  if (target.kind === 'shape') {
    const exact = cost(explicitArchitecture(model.architecture, countedShape(model.architecture, target)));
    return { least: exact, most: exact, cost, describe };
  }
  const asked = targetParameters(model, target);
  const isPercent = target.kind === 'parameters' && target.least === undefined && target.parameters < 100;
  return {
    ...window(target, asked, tolerance),
    cost,
    describe,
    ...(isPercent ? { meant: `${counted === 'non-embedding' ? 'non-embedding=' : ''}${target.parameters}%` } : {}),
  };
}

/** Refuses a target that the model meets as it is. */
export function nothingToDo(target: Target, found: string): InputError {
  return new InputError({
    asked: `prune to ${describeTarget(target)}`,
    found,
    fix: 'Give less, or leave the model as it is',
  });
}

function window(target: CountTarget, asked: number, tolerance: number | undefined): Pick<Budget, 'least' | 'most'> {
  const least = target.kind === 'parameters' ? target.least : undefined;
  if (least !== undefined) return { least, most: asked };
  if (tolerance === undefined) return { least: 0, most: asked };
  return { least: asked * (1 - tolerance), most: asked * (1 + tolerance) };
}
