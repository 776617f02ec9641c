// Stage 9: a model becomes a Hugging Face folder that other tools load without custom code.
import { InternalError } from '../../errors.js';
import { encode, openCarriedFiles, saveModelFolder, type FloatType, type TensorInfo } from '../../formats/index.js';
import { weightShape, type Model } from '../../model/index.js';
import { stage, type Stage } from '../../pipeline/index.js';

export interface ExportOptions {
  /** Storage type of all weights; by default each keeps the type it was loaded with. */
  readonly storage?: FloatType;
  /** Allows replacing a model folder. */
  readonly overwrite?: boolean;
}

/** Writes a model folder, one tensor in memory at a time. Throws `InputError` when something else is in the way. */
export async function exportModel(model: Model, path: string, options: ExportOptions = {}): Promise<void> {
  const { family, architecture, weights, storageTypes } = model;
  const specs = family.weights(architecture);
  const tensors: TensorInfo[] = specs.map((spec) => ({
    name: spec.name,
    type: options.storage ?? storageTypes.get(spec.name) ?? 'F32',
    shape: weightShape(spec, architecture.sizes),
  }));
  await saveModelFolder(path, {
    config: { ...family.writeConfig(model.config, architecture), ...storageEntries(model, options.storage) },
    tensors,
    produce: async ({ name, type }) => encode(await weights.read(name), floatType(type)),
    carryFrom: await openCarriedFiles(model.folder),
    overwrite: options.overwrite ?? false,
  });
}

function floatType(type: TensorInfo['type']): FloatType {
  if (type === 'F64' || type === 'F32' || type === 'F16' || type === 'BF16') return type;
  throw new InternalError(`weights are not stored as ${type}`);
}

const configNames: { readonly [Type in FloatType]: string } = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
};

/** The entry that tells loaders the storage type, under the name that the config already uses. */
function storageEntries({ config }: Model, storage: FloatType | undefined): Readonly<Record<string, string>> {
  if (storage === undefined) return {};
  return { ['dtype' in config ? 'dtype' : 'torch_dtype']: configNames[storage] };
}

/** Writes the student to a folder. */
export function exportTo<State extends { readonly student: Model }>(
  path: string,
  options: ExportOptions = {},
): Stage<State, State & { readonly exported: string }> {
  return stage('export', async (state: State, _context, { report }) => {
    await exportModel(state.student, path, options);
    report({ type: 'finding', name: 'exported', message: `model folder written: ${path}`, data: { folder: path } });
    return { ...state, exported: path };
  });
}
