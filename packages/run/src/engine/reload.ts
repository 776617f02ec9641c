// Proof that an exported folder is the model that was measured: reloaded from disk, it must give the same logits.
import {
  createRunner,
  hostIntegers,
  input,
  loadModel,
  program,
  runnerWeights,
  type BatchSize,
  type Model,
} from '@espalier/core';
import type { Workbench } from './workbench.js';

/** Largest difference of a logit that counts as the same. */
export const RELOAD_TOLERANCE = 1e-5;

/** Compares logits on seeded random ids; gives the largest difference. Throws when it exceeds the tolerance. */
export async function checkReload(
  model: Model,
  folder: string,
  size: BatchSize,
  { context, families }: Workbench,
): Promise<number> {
  const random = context.random.fork('reload');
  const ids = Int32Array.from({ length: size.batch * size.length }, () =>
    random.integer(model.architecture.sizes.vocab),
  );
  const reloaded = await loadModel(folder, families);
  try {
    const expected = await logitsOf(model, ids, size, context);
    const found = await logitsOf(reloaded.model, ids, size, context);
    const difference = found.reduce((most, own, index) => Math.max(most, Math.abs(own - (expected[index] ?? NaN))), 0);
    if (difference <= RELOAD_TOLERANCE) return difference;
    throw new Error(`the model reloaded from "${folder}" differs from the one in memory by ${difference} in a logit`);
  } finally {
    await reloaded.close();
  }
}

async function logitsOf(
  model: Model,
  ids: Int32Array,
  { batch, length }: BatchSize,
  context: Workbench['context'],
): Promise<Float32Array> {
  const fed = input('ids', [batch, length], 'int32');
  const logits = model.family.forward(model.architecture, { ids: fed, weight: runnerWeights(model) });
  const runner = await createRunner(model, context);
  try {
    const outputs = await runner.run(program('logits', { outputs: { logits } }), {
      ids: hostIntegers(ids, [batch, length]),
    });
    return outputs['logits']?.dtype === 'float32' ? outputs['logits'].data : new Float32Array();
  } finally {
    await runner.dispose();
  }
}
