// The shape that a config.json describes, with bounds on its sizes: weights may be absent, so nothing else holds them.
import { InputError } from '../../errors.js';
import { readModelConfig } from '../../formats/index.js';
import { quote } from '../../formats/quote.js';
import type { JsonObject, ModelFamily, ModelShape } from '../../model/index.js';

/** More layers than any model has: each is listed by name, so that millions of them would fill the memory. */
const MOST_LAYERS = 10_000;
/** Sizes of axes are int32 in every backend. */
const LARGEST_SIZE = 2 ** 31 - 1;

/** The shape that a folder's config.json describes; its weights need not be there. Throws `InputError` as `loadModel` does of the config. */
export async function loadShape(folder: string, families: readonly ModelFamily[]): Promise<ModelShape> {
  const asked = `read the shape of model ${quote(folder)}`;
  return readShape(await readModelConfig(folder), families, asked);
}

/** The shape by the family that knows the `model_type`. Throws `InputError` for another one, and for sizes beyond what can exist. */
export function readShape(config: JsonObject, families: readonly ModelFamily[], asked: string): ModelShape {
  const type = config['model_type'];
  const family = families.find(({ modelTypes }) => typeof type === 'string' && modelTypes.includes(type));
  if (family === undefined) {
    throw new InputError({
      asked,
      found: type === undefined ? 'its config.json has no model_type' : `its model_type is ${JSON.stringify(type)}`,
      fix: `Known are ${families.flatMap(({ modelTypes }) => modelTypes).join(', ')}; another family can be added as a plugin`,
    });
  }
  const architecture = family.readConfig(config);
  const { layers, sizes, contextLength } = architecture;
  const bounds = [
    ['layers', layers, MOST_LAYERS],
    ['context length', contextLength, LARGEST_SIZE],
    ...Object.entries(sizes).map(([name, size]) => [name, size, LARGEST_SIZE] as const),
  ] as const;
  const beyond = bounds.find(([, size, most]) => size > most);
  if (beyond === undefined) return { family, architecture };
  const [name, size, most] = beyond;
  throw new InputError({
    asked,
    found: `config.json gives a number of ${name} of ${size}, and at most ${most} can be worked with`,
    fix: 'Correct config.json, or get it again from its source',
  });
}
