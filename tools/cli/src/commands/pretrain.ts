// `espalier pretrain`: a model from random weights, as a run by a recipe that says how it is pretrained.
import { InputError } from '@espalier/core';
import { compressCommand } from './compress.js';

/** Runs the verb with the flags that commander has parsed; `given` lists those that the user wrote. */
export function pretrainCommand(flags: unknown, given: readonly string[], signal: AbortSignal): Promise<void> {
  return compressCommand(flags, given, signal, ({ pretraining, steps }) => {
    if (pretraining !== undefined && steps.length === 0) return;
    throw new InputError({
      asked: 'pretrain a model',
      found: pretraining === undefined ? 'the recipe has no pretraining' : 'the recipe has steps after its pretraining',
      fix: 'Use espalier compress, which does all that a recipe says',
    });
  });
}
