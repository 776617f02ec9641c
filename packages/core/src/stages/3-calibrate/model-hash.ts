// Which model something belongs to: a digest of its shape and weights, taken while the weights are read, which is also when
// numbers that nothing can be computed from are found.
import { createHash } from 'node:crypto';
import { checkFiniteValues } from '../../formats/index.js';
import { weightSpecs, type Model, type Weights } from '../../model/index.js';

/** Weights that are watched while they are read. */
export interface WatchedWeights extends Weights {
  /** The model's digest (see `modelHash`); reads what has not been read yet. */
  hash(): Promise<string>;
}

/** SHA-256 over the shape and every weight's float32 values, in hexadecimal. Throws `InputError` for a NaN or infinite weight. */
export function modelHash(model: Model): Promise<string> {
  return watchedWeights(model).hash();
}

/** A model's weights, hashed as they are read. A read rejects with `InputError` when a value is NaN or infinite, naming the weight. */
export function watchedWeights(model: Model): WatchedWeights {
  const digests = new Map<string, string>();
  const read = async (name: string): Promise<Float32Array> => {
    const values = await model.weights.read(name);
    checkFiniteValues(values, { name }, `read the weights of "${model.folder}"`);
    if (!digests.has(name)) {
      const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      digests.set(name, createHash('sha256').update(bytes).digest('hex'));
    }
    return values;
  };
  return {
    read,
    async hash() {
      const whole = createHash('sha256').update(sortedJson(model.architecture));
      for (const { name } of weightSpecs(model)) {
        if (!digests.has(name)) await read(name);
        whole.update(`${name} ${digests.get(name)}\n`);
      }
      return whole.digest('hex');
    },
  };
}

/** JSON whose members are in alphabetical order at every level. */
function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_key, own: unknown) =>
    typeof own === 'object' && own !== null && !Array.isArray(own)
      ? Object.fromEntries(Object.entries(own).sort(([a], [b]) => (a < b ? -1 : 1)))
      : own,
  );
}
