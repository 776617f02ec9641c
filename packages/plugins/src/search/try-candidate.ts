// One candidate on one rung: cut out of its source, trained on from where the rung before left it, and judged on text that is
// not trained on.
import {
  applyPlan,
  createRunner,
  InputError,
  makePlan,
  runnerWeights,
  trainModel,
  type Architecture,
  type Candidate,
  type Model,
  type RunnerContext,
  type StageContext,
  type StageTools,
  type TokenBatch,
  type TokenBatches,
  type TrainingCheckpoint,
  type Trial,
  type TrialStore,
} from '@espalier/core';
import {
  hostFloats,
  hostIntegers,
  hostNumber,
  input,
  program,
  reshape,
  type HostTensor,
  type HostTensors,
} from '@espalier/core/graph';
import { crossEntropyLoss } from '../loss/cross-entropy.js';

export interface Rung {
  readonly source: Model;
  readonly trial: Trial;
  readonly store: TrialStore;
  /** Tokens at the end of each rung. */
  readonly rungs: readonly number[];
  /** Which one this is, 0-based. */
  readonly rung: number;
  /** Told the tokens that the candidate has had, and what else is being done for it, as `, program compiled 1/2`. */
  tell(tokens: number, more?: string): void;
}

/** Validation loss per batch at the end of the rung; what the store has is not trained again. */
export async function tryCandidate(
  { architecture }: Candidate,
  { source, trial, store, rungs, rung, tell }: Rung,
  context: StageContext,
  tools: StageTools,
): Promise<readonly number[]> {
  const key = trialKey(architecture);
  const kept = await store.load(key);
  const known = kept?.rungs[rung];
  if (known !== undefined) return known;
  const { batch, length, accumulate = 1 } = trial.training;
  const stepsAt = (tokens = 0): number => Math.max(1, Math.ceil(tokens / (batch * length * accumulate)));
  const steps = stepsAt(rungs[rung]);
  const schedule = trial.schedule(architecture.sizes.hidden);
  const plan = makePlan(trial.pruner, source.architecture, trial.scores, architecture);
  let checkpoint: TrainingCheckpoint | undefined;
  let had = 0;
  // What is compiled and laid on the device for one candidate is not the work of the stage.
  const quiet: StageContext = {
    ...context,
    watch: ({ done, total, unit }) => tell(had, `, ${unit}: ${done} of ${total}`),
  };
  const { model } = await trainModel(
    applyPlan(source, plan),
    trial.training.losses.some(({ term }) => term.needsTeacher) ? trial.teacher : undefined,
    {
      ...trial.training,
      tokens: steps * batch * length * accumulate,
      // The rate follows the whole trial, so that a rung is a part of it and not a training of its own.
      schedule: (step) => schedule(step, stepsAt(rungs.at(-1))),
      data: trial.text(),
      checkpoint: {
        every: steps,
        async save(own) {
          checkpoint = await inMemory(own);
        },
        ...(kept === undefined ? {} : { resumeFrom: kept.checkpoint }),
      },
    },
    quiet,
    // Only what is wrong and how far it is are passed on: the curves of many short trainings in one stage would run into each other.
    {
      ...tools,
      report(event) {
        if (event.type === 'warning') tools.report(event);
        if (event.type === 'progress') tell((had = event.done));
      },
    },
  );
  const losses = await validationLosses(model, trial.validation(), quiet);
  if (checkpoint !== undefined) await store.save(key, { checkpoint, rungs: [...(kept?.rungs ?? []), losses] });
  return losses;
}

/** `32l-3072h-9216f-24q-8k`: the sizes that tell candidates apart. */
function trialKey({ layers, sizes }: Architecture): string {
  return `${layers}l-${sizes.hidden}h-${sizes.ffn}f-${sizes.heads}q-${sizes.kvHeads}k`;
}

/** A copy that outlives the training. */
async function inMemory(checkpoint: TrainingCheckpoint): Promise<TrainingCheckpoint> {
  const tensors = new Map<string, HostTensor>();
  for (const name of Object.keys(checkpoint.tensors)) tensors.set(name, await checkpoint.read(name));
  return {
    ...checkpoint,
    read(name) {
      const own = tensors.get(name);
      return own === undefined ? Promise.reject(new RangeError(`no tensor "${name}"`)) : Promise.resolve(own);
    },
  };
}

/** Mean −log p(next token) in nats over each batch. Throws `InputError` when there is no batch. */
async function validationLosses(
  model: Model,
  batches: TokenBatches,
  context: RunnerContext,
): Promise<readonly number[]> {
  const runner = await createRunner(model, context);
  try {
    let losses: ReturnType<typeof lossProgram> | undefined;
    const fed: HostTensors[] = [];
    for await (const own of batches) {
      losses ??= lossProgram(model, own);
      const shape = [own.batch, own.length];
      fed.push({
        ids: hostIntegers(own.ids, shape),
        targets: hostIntegers(own.targets, shape),
        weights: hostFloats(own.weights, shape),
      });
    }
    if (losses !== undefined) return (await runner.runAll(losses, fed)).outputs.map(({ loss }) => hostNumber(loss));
    const fix = 'Give more validation text, or a smaller batch or length';
    throw new InputError({
      asked: 'rank candidates by validation loss',
      found: 'there is no whole batch of text',
      fix,
    });
  } finally {
    await runner.dispose();
  }
}

function lossProgram(model: Model, { batch, length }: TokenBatch) {
  const ids = input('ids', [batch, length], 'int32');
  const logits = model.family.forward(model.architecture, { ids, weight: runnerWeights(model) });
  const rows = {
    targets: reshape(input('targets', [batch, length], 'int32'), [-1]),
    weights: reshape(input('weights', [batch, length], 'float32'), [-1]),
    batch,
    length,
  };
  const context = { student: model.architecture, scalars: {} };
  return program('validation', { outputs: { loss: crossEntropyLoss().loss({ logits }, rows, context) } });
}
