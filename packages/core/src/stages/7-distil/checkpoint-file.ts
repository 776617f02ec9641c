// A training checkpoint as one safetensors file: tensors as they are, the position in its metadata.
import { z } from 'zod';
import { hostFloats } from '../../backend/index.js';
import { InputError } from '../../errors.js';
import { encode, openSafetensors, writeSafetensors } from '../../formats/index.js';
import type { TensorTypes } from '../../graph/index.js';
import type { TrainingCheckpoint } from './checkpoint.js';

const positionSchema = z.object({
  step: z.int().nonnegative(),
  batches: z.int().nonnegative(),
  losses: z.array(z.number()),
});
const key = 'espalier.training';

/** Writes a checkpoint; the file appears whole or not at all, and one that was there stays until then. Throws `InputError`, for example when the disk is full. */
export async function writeCheckpoint(path: string, checkpoint: TrainingCheckpoint): Promise<void> {
  const { step, batches, losses, tensors } = checkpoint;
  const infos = Object.entries(tensors).map(([name, { shape }]) => ({ name, type: 'F32', shape }) as const);
  await writeSafetensors(
    path,
    infos,
    async ({ name }) => {
      const tensor = await checkpoint.read(name);
      if (tensor.dtype !== 'float32') throw new RangeError(`checkpoint tensor "${name}" is ${tensor.dtype}`);
      return encode(tensor.data, 'F32');
    },
    { format: 'pt', [key]: JSON.stringify({ step, batches, losses }) },
  );
}

/** A checkpoint whose tensors are read from its file when asked for. */
export interface CheckpointFile extends TrainingCheckpoint {
  close(): Promise<void>;
}

/** Opens a checkpoint. Throws `InputError` for a file that is none, or is damaged. */
export async function openCheckpoint(path: string): Promise<CheckpointFile> {
  const file = await openSafetensors(path);
  try {
    const position = readPosition(path, file.metadata[key]);
    const tensors: TensorTypes = Object.fromEntries(
      [...file.tensors.values()].map(({ name, shape }) => [name, { shape, dtype: 'float32' } as const]),
    );
    return {
      ...position,
      tensors,
      read: async (name) => hostFloats(await file.read(name), tensors[name]?.shape ?? []),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

function readPosition(path: string, text: string | undefined): z.infer<typeof positionSchema> {
  const refuse = (found: string, cause?: unknown): InputError =>
    new InputError(
      { asked: `open training checkpoint "${path}"`, found, fix: 'Give a file that a training run saved' },
      { cause },
    );
  if (text === undefined) throw refuse('the file does not say at which step it was saved');
  try {
    return positionSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw refuse('what it says about its step cannot be read', cause);
  }
}
