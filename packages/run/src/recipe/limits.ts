// Numbers of a recipe that no machine could work with, refused before anything is allocated.
import type { Recipe } from './schema.js';
import type { ValuePath } from './source-text.js';

/** Tokens of one batch, logits and all: what is more is several batches (`accumulate`). */
const BATCH_TOKENS = 2 ** 24;
const COUNT = 2 ** 31 - 1;
const THREADS = 2 ** 10;

interface Problem {
  readonly path: ValuePath;
  readonly message: string;
}

/** The first number of a recipe that is too large, with its bound. */
export function numberProblem({ steps, pretraining, backend, checkpoints, evaluation }: Recipe): Problem | undefined {
  const problems = [
    ...steps.flatMap((step, index) => stepProblems(step, ['steps', index])),
    ...(pretraining === undefined ? [] : trainingProblems(pretraining, ['pretraining'])),
    atMost(['checkpoints', 'everySteps'], checkpoints.everySteps, COUNT),
    atMost(['checkpoints', 'everyMinutes'], checkpoints.everyMinutes, COUNT),
    atMost(['checkpoints', 'keep'], checkpoints.keep, COUNT),
    atMost(['evaluation', 'maxTokens'], evaluation.maxTokens, BATCH_TOKENS),
    atMost(['backend', 'threads'], backend['threads'], THREADS),
  ];
  return problems.find((problem) => problem !== undefined);
}

function stepProblems(
  { importance, distillation }: Recipe['steps'][number],
  step: ValuePath,
): readonly (Problem | undefined)[] {
  const [scoring, training] = [
    [...step, 'importance'],
    [...step, 'distillation'],
  ];
  return [
    atMost([...scoring, 'samples'], importance.samples, 2 ** 24),
    atMost([...scoring, 'rounds'], importance.rounds, 1000),
    batch(scoring, importance),
    ...trainingProblems(distillation, training),
    atMost([...training, 'tokensPerParameter'], distillation.tokensPerParameter, 1e6),
  ];
}

type Training = Pick<Recipe['steps'][number]['distillation'], 'batch' | 'length' | 'accumulate' | 'tokens'>;

function trainingProblems(own: Training, training: ValuePath): readonly (Problem | undefined)[] {
  return [
    batch(training, own),
    atMost([...training, 'accumulate'], own.accumulate, 2 ** 20),
    atMost([...training, 'tokens'], own.tokens, 1e15),
  ];
}

function batch(
  path: ValuePath,
  { batch: rows, length }: { readonly batch: number; readonly length: number },
): Problem | undefined {
  if (rows * length <= BATCH_TOKENS) return undefined;
  const message = `a batch of ${rows} sequences of ${length} tokens is more than ${BATCH_TOKENS} tokens; take smaller batches (in a recipe, several make a step by accumulate)`;
  return { path: [...path, rows > length ? 'batch' : 'length'], message };
}

function atMost(path: ValuePath, value: unknown, most: number): Problem | undefined {
  return typeof value === 'number' && value > most
    ? { path, message: `it is ${value}, and at most ${most} can be worked with` }
    : undefined;
}
