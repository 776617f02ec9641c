// What config.json says of a model that was cut or stored otherwise: entries that would no longer hold are corrected or left out.
import { tensorBytes, type FloatType, type TensorInfo } from '../../formats/index.js';
import type { Architecture, JsonObject } from '../../model/index.js';

/** About how weights are packed, what custom code reads them, and which heads are to be cut on loading: none of it is in the folder. */
const dropped = ['quantization_config', 'compression_config', 'quantization', 'auto_map', 'pruned_heads'];

const typeNames: Readonly<Record<FloatType, string>> = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
};

/** The config as it is written for these tensors; the sizes are the family's to have set. `storage` is what was asked for, if it was. */
export function writtenConfig(
  config: JsonObject,
  { layers }: Architecture,
  tensors: readonly TensorInfo[],
  storage: FloatType | undefined,
): JsonObject {
  const kept = Object.entries(config).filter(([name]) => !dropped.includes(name));
  const named = ['dtype', 'torch_dtype'].filter((name) => name in config);
  // Named where loaders would otherwise take another type than the one asked for.
  const names = named.length === 0 && storage !== undefined ? ['torch_dtype'] : named;
  const type = storage ?? mainType(tensors);
  const { max_window_layers: windows } = config;
  return {
    ...Object.fromEntries(kept),
    ...(type === undefined ? {} : Object.fromEntries(names.map((name) => [name, typeNames[type]]))),
    // Layers below this number attend to everything (Qwen2).
    ...(typeof windows === 'number' ? { max_window_layers: Math.min(windows, layers) } : {}),
  };
}

/** The type that most bytes are of, since a config names one. */
function mainType(tensors: readonly TensorInfo[]): FloatType | undefined {
  const types = (['F32', 'BF16', 'F16', 'F64'] as const).map((type) => {
    const own = tensors.filter((info) => info.type === type);
    return { type, bytes: own.reduce((sum, info) => sum + tensorBytes(info), 0) };
  });
  const most = types.reduce((a, b) => (b.bytes > a.bytes ? b : a));
  return most.bytes === 0 ? undefined : most.type;
}
