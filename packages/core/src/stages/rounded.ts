// Weights as they will be saved: what is evaluated is what is exported.
import { InputError } from '../errors.js';
import { decode, encodeFinite, storageSizes, type FloatType } from '../formats/index.js';
import { weightShape, weightSpecs, type Model, type Weights } from '../model/index.js';

/**
 * The model with the weights that `read` gives, rounded to their storage types and kept in them. Throws `InputError`, naming the
 * weight, where one is not of its size or beyond that type; `asked` is what was being done.
 */
export async function rounded(
  model: Model,
  read: (weight: string) => Promise<Float32Array>,
  asked: (storage: string) => string,
): Promise<Model> {
  const kept = new Map<string, StoredValues>();
  for (const spec of weightSpecs(model)) {
    const { name } = spec;
    const storage = model.storageTypes.get(name) ?? 'F32';
    const own = await read(name);
    const shape = weightShape(spec, model.architecture.sizes);
    const count = shape.reduce((a, b) => a * b, 1);
    if (own.length !== count) {
      const found = `"${name}" has ${own.length} numbers, and its shape is ${shape.join(' × ')}`;
      throw new InputError({ asked: asked(storage), found, fix: 'Give weights of the shape of the model' });
    }
    kept.set(name, { bytes: encodeFinite(own, storage, { name }, asked(storage)), storage });
  }
  return { ...model, weights: storedWeights(kept) };
}

interface StoredValues {
  readonly bytes: Uint8Array;
  readonly storage: FloatType;
}

/** Weights in memory as they would lie on disk: half of their size as float32 in most checkpoints. */
function storedWeights(kept: ReadonlyMap<string, StoredValues>): Weights {
  const range = (name: string, begin: number, end?: number): Promise<Float32Array> => {
    const own = kept.get(name);
    if (own === undefined) return Promise.reject(new RangeError(`no weight "${name}"`));
    const { bytes, storage } = own;
    const size = storageSizes[storage];
    return Promise.resolve(decode(bytes.subarray(begin * size, end === undefined ? undefined : end * size), storage));
  };
  return { read: (name) => range(name, 0), range };
}
