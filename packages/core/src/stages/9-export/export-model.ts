// Stage 9: a model becomes a Hugging Face folder that other tools load without custom code.
import { InternalError } from '../../errors.js';
import {
  encodeFinite,
  openCarriedFiles,
  saveModelFolder,
  tensorBytes,
  type FloatType,
  type TensorInfo,
} from '../../formats/index.js';
import { elementCount } from '../../graph/index.js';
import { wholeLayers } from '../../model/architecture.js';
import { weightParts, weightShape, type Model, type Weights } from '../../model/index.js';
import { stage, type Stage, type Watch } from '../../pipeline/index.js';
import type { Exporter } from './exporter.js';
import { writtenConfig } from './written-config.js';

/** How a model is written. */
export interface ExportOptions {
  /** Storage type of all weights; by default each keeps the type it was loaded with. */
  readonly storage?: FloatType;
  /** Allows replacing a model folder; without it one that is there is an error. */
  readonly overwrite?: boolean;
  /** Bytes of weights in one file before another is begun; 5 GB by default, as transformers has it. */
  readonly maxShardBytes?: number;
  /** Told of the bytes of weights written so far. */
  readonly watch?: Watch | undefined;
}

/** How the stage writes: by an exporter, or as a Hugging Face folder. */
export type ExportToOptions =
  | ExportOptions
  | {
      /** What writes the model. */
      readonly exporter: Exporter;
      /** Allows replacing what an earlier export left at the place. */
      readonly overwrite?: boolean;
    };

/**
 * Writes a model folder, no more than a part of a tensor in memory at a time; gives the number of parameters written as zeros, those of parts removed
 * from layers, which other loaders need in their places. Throws `InputError` when something else is in the way, and, naming the
 * weight, for a value that is not finite in its storage type: nothing is then written.
 */
export async function exportModel(model: Model, path: string, options: ExportOptions = {}): Promise<number> {
  const { family, architecture, weights, storageTypes } = model;
  const specs = family.weights(wholeLayers(architecture));
  const present = new Set(family.weights(architecture).map(({ name }) => name));
  const tensors: TensorInfo[] = specs.map((spec) => ({
    name: spec.name,
    type: options.storage ?? storageTypes.get(spec.name) ?? 'F32',
    shape: weightShape(spec, architecture.sizes),
  }));
  const total = tensors.reduce((sum, own) => sum + tensorBytes(own), 0);
  let done = 0;
  await saveModelFolder(path, {
    config: writtenConfig(family.writeConfig(model.config, architecture), architecture, tensors, options.storage),
    tensors,
    async *produce({ name, type, shape }) {
      const asked = `write the model to "${path}" as ${type}`;
      const parts = weightParts(present.has(name) ? weights : zeros(shape), name, shape);
      for await (const { begin, values } of parts) {
        const bytes = encodeFinite(values, floatType(type), { name, shape, begin }, asked);
        yield bytes;
        done += bytes.byteLength;
        options.watch?.({ done, total, unit: 'bytes written' });
      }
    },
    carryFrom: await openCarriedFiles(model.folder),
    overwrite: options.overwrite ?? false,
    ...(options.maxShardBytes === undefined ? {} : { maxShardBytes: options.maxShardBytes }),
  });
  return tensors.reduce((total, { name, shape }) => total + (present.has(name) ? 0 : elementCount(shape)), 0);
}

/** The weights of parts that were removed. */
function zeros(shape: readonly number[]): Weights {
  const range: Weights['range'] = (_name, begin, end) => Promise.resolve(new Float32Array(end - begin));
  return { read: (name) => range(name, 0, elementCount(shape)), range };
}

function floatType(type: TensorInfo['type']): FloatType {
  if (type === 'F64' || type === 'F32' || type === 'F16' || type === 'BF16') return type;
  throw new InternalError(`weights are not stored as ${type}`);
}

/** Writes the student to a folder: a Hugging Face one, or what an exporter makes of it. Throws as `exportModel`, or as the exporter does. */
export function exportTo<
  State extends {
    /** What is written. */
    readonly student: Model;
  },
>(
  path: string,
  options: ExportToOptions = {},
): Stage<
  State,
  State & {
    /** Path of the folder. */
    readonly exported: string;
  }
> {
  return stage('export', async (state: State, { watch }, { report }) => {
    if ('exporter' in options) {
      const { exporter, overwrite = false } = options;
      await exporter.export(state.student, path, { overwrite, watch });
      report({
        type: 'finding',
        name: 'exported',
        message: `model written by "${exporter.name}": ${path}`,
        data: { folder: path, exporter: exporter.name },
      });
      return { ...state, exported: path };
    }
    const zeros = await exportModel(state.student, path, { ...options, watch });
    const note =
      zeros === 0
        ? ''
        : `; ${zeros.toLocaleString('en-GB')} parameters of removed attention or feed-forward blocks are in it as zeros, so that any loader takes it: the file is as large as with them`;
    report({
      type: 'finding',
      name: 'exported',
      message: `model folder written: ${path}${note}`,
      data: { folder: path, zeros },
    });
    return { ...state, exported: path };
  });
}
