// Weights as they will be saved: what is evaluated is what is exported.
import { InputError } from '../errors.js';
import { decode, encodeFinite } from '../formats/index.js';
import { memoryWeights, weightShape, weightSpecs, type Model } from '../model/index.js';

/**
 * The model with the weights that `read` gives, rounded to their storage types. Throws `InputError`, naming the weight, where one is
 * not of its size or beyond that type; `asked` is what was being done.
 */
export async function rounded(
  model: Model,
  read: (weight: string) => Promise<Float32Array>,
  asked: (storage: string) => string,
): Promise<Model> {
  const values = new Map<string, Float32Array>();
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
    values.set(name, decode(encodeFinite(own, storage, { name }, asked(storage)), storage));
  }
  return { ...model, weights: memoryWeights(values) };
}
