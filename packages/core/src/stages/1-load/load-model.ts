// Stage 1: a Hugging Face folder becomes a model. Reads the config, headers and tokenizer; weights are read when asked for.
import { InputError, InternalError } from '../../errors.js';
import {
  bytesInPieces,
  checkFiniteBytes,
  decode,
  isFloatType,
  openModelFolder,
  openTokenizer,
  type Checkpoint,
  type FloatType,
  type ModelFolder,
} from '../../formats/index.js';
import { quote } from '../../formats/quote.js';
import { grouped } from '../5-search/target.js';
import { readShape } from './read-shape.js';
import { wholeLayers } from '../../model/architecture.js';
import {
  weightShape,
  type Architecture,
  type Model,
  type ModelFamily,
  type Weights,
  type WeightSpec,
} from '../../model/index.js';

/** A model and the open files behind it. */
export interface LoadedModel {
  /** The model; its weights are read from the open files when asked for, and refused with `InputError` where one is NaN or infinite. */
  readonly model: Model;
  /** Closes the files; reading a weight fails afterwards. */
  close(): Promise<void>;
}

/**
 * Opens a Hugging Face folder with the family that knows its model_type. Throws `InputError` when none does, when the folder
 * cannot be read, when weights are missing, too many, not stored as floats or not what config.json says of them, and when the
 * tokenizer has ids beyond the vocabulary.
 */
export async function loadModel(path: string, families: readonly ModelFamily[]): Promise<LoadedModel> {
  const folder = await openModelFolder(path);
  try {
    const { family, architecture } = readShape(folder.config, families, `load model ${quote(path)}`);
    checkLayers(folder, architecture);
    const whole = family.weights(wholeLayers(architecture));
    const storageTypes = checkTensors(folder, architecture, whole);
    await checkRemovedParts(folder, whole, family.weights(architecture));
    if (architecture.tiedEmbeddings) await checkTiedCopy(folder);
    const tokenizer = await openTokenizer(path);
    if (tokenizer.vocabularySize > architecture.sizes.vocab) {
      throw new InputError({
        asked: `load model "${path}"`,
        found: `the tokenizer has ids up to ${tokenizer.vocabularySize - 1}, the config a vocab_size of ${architecture.sizes.vocab}`,
        fix: 'Give the tokenizer.json that belongs to the model',
      });
    }
    const model: Model = {
      family,
      architecture,
      config: folder.config,
      weights: finiteWeights(folder),
      tokenizer,
      folder: path,
      storageTypes,
    };
    return { model, close: () => folder.checkpoint.close() };
  } catch (error) {
    await folder.checkpoint.close();
    throw error;
  }
}

/** Elements that are looked through at a time. */
const CHECKED = 2 ** 22;

/** The weights on disk; each is searched for NaN and infinities by its bits when it is first read, and its parts whenever they are. */
function finiteWeights({ checkpoint, path }: ModelFolder): Weights {
  const searched = new Set<string>();
  const asked = `load the weights of ${quote(path)}`;
  return {
    async read(name) {
      const info = checkpoint.tensors.get(name);
      if (info === undefined || searched.has(name) || !isFloatType(info.type)) return checkpoint.read(name);
      const bytes = await checkpoint.bytes(name);
      checkFiniteBytes(bytes, info.type, info, asked);
      searched.add(name);
      return decode(bytes, info.type);
    },
    async range(name, begin, end) {
      const bytes = await checkpoint.bytes(name, { begin, end });
      const type = checkpoint.tensors.get(name)?.type;
      if (type === undefined || !isFloatType(type)) throw new InternalError(`weight "${name}" has no floats`);
      if (!searched.has(name)) checkFiniteBytes(bytes, type, { ...checkpoint.tensors.get(name), name, begin }, asked);
      return decode(bytes, type);
    },
    async check(name) {
      const info = checkpoint.tensors.get(name);
      if (info === undefined || searched.has(name) || !isFloatType(info.type)) return;
      const count = info.shape.reduce((a, b) => a * b, 1);
      for (let begin = 0; begin < count; begin += CHECKED) {
        const bytes = await checkpoint.bytes(name, { begin, end: Math.min(count, begin + CHECKED) });
        checkFiniteBytes(bytes, info.type, { ...info, begin }, asked);
      }
      searched.add(name);
    },
    stored(name) {
      const type = checkpoint.tensors.get(name)?.type;
      return type === undefined || !isFloatType(type) ? undefined : { type, ...checkpoint.place(name) };
    },
  };
}

/** Every layer has weights: a number of layers beyond that of the tensors is refused before anything is listed by layers. */
function checkLayers({ checkpoint: { tensors }, path }: ModelFolder, { layers }: Architecture): void {
  if (layers <= tensors.size) return;
  throw new InputError({
    asked: `load model ${quote(path)}`,
    found: `config.json says ${grouped(layers)} layers, and the weights are ${grouped(tensors.size)} tensors in all`,
    fix: 'Give the config.json that belongs to these weights, and check that all shards are there',
  });
}

/**
 * What config.json says was removed from a layer must be zeros where it writes into the residual stream: else this model and the
 * one that other loaders see would differ.
 */
async function checkRemovedParts(
  { checkpoint, path }: ModelFolder,
  whole: readonly WeightSpec[],
  present: readonly WeightSpec[],
): Promise<void> {
  const names = new Set(present.map(({ name }) => name));
  const writers = whole.filter(
    ({ name, kind, axes, layer }) => !names.has(name) && layer !== undefined && kind !== 'norm' && axes[0] === 'hidden',
  );
  for (const { name } of writers) {
    if (await isZero(checkpoint, name)) continue;
    throw new InputError({
      asked: `load the weights of "${path}"`,
      found: `config.json says that the block of ${name} was removed, but the weight is not zero`,
      fix: 'Remove the "espalier" entry from config.json if the block is there',
    });
  }
}

/** The output projection of a tied model is written by some tools although it is the embedding table. */
const TIED_COPY = 'lm_head.weight';
const TIED_TABLE = 'model.embed_tokens.weight';

function checkTensors(
  { checkpoint: { tensors }, path }: ModelFolder,
  architecture: Architecture,
  specs: readonly WeightSpec[],
): ReadonlyMap<string, FloatType> {
  const asked = `load the weights of "${path}"`;
  const types = new Map<string, FloatType>();
  const missing = specs.filter(({ name }) => !tensors.has(name)).map(({ name }) => name);
  if (missing.length > 0) {
    const fix = 'Check that config.json belongs to these weights, and that all shards are there';
    throw new InputError({ asked, found: `${listed(missing)} ${missing.length === 1 ? 'is' : 'are'} missing`, fix });
  }
  for (const spec of specs) {
    const info = tensors.get(spec.name);
    const shape = weightShape(spec, architecture.sizes);
    if (info === undefined) continue;
    if (info.shape.join() !== shape.join()) {
      const found = `${spec.name} is [${info.shape.join(', ')}], by config.json it should be [${shape.join(', ')}]`;
      throw new InputError({ asked, found, fix: 'Give the config.json that belongs to these weights' });
    }
    if (!isFloatType(info.type)) {
      const found = `${spec.name} is stored as ${info.type}`;
      throw new InputError({ asked, found, fix: 'Quantised weights cannot be pruned; give the float checkpoint' });
    }
    types.set(spec.name, info.type);
  }
  const known = new Set(specs.map(({ name }) => name));
  const extra = [...tensors.keys()].filter((name) => !known.has(name) && !isKnownExtra(name, architecture));
  if (extra.length > 0) {
    const fix = 'Remove them, or give the config.json that declares them';
    throw new InputError({
      asked,
      found: `${listed(extra)} ${extra.length === 1 ? 'is' : 'are'} not part of the model`,
      fix,
    });
  }
  return types;
}

/** A copy of the tied table must be one: another output projection would be dropped without a word. */
async function checkTiedCopy({ checkpoint, path }: ModelFolder): Promise<void> {
  if (!checkpoint.tensors.has(TIED_COPY) || !checkpoint.tensors.has(TIED_TABLE)) return;
  if (await areEqual(checkpoint, TIED_COPY, TIED_TABLE)) return;
  throw new InputError({
    asked: `load the weights of "${path}"`,
    found: `config.json says tie_word_embeddings, but ${TIED_COPY} differs from ${TIED_TABLE}`,
    fix: 'Set tie_word_embeddings to false, or remove the tensor that is not used',
  });
}

async function isZero(checkpoint: Checkpoint, name: string): Promise<boolean> {
  const info = checkpoint.tensors.get(name);
  for await (const piece of bytesInPieces(checkpoint, name))
    if (info !== undefined && !decode(piece, info.type).every((own) => own === 0)) return false;
  return true;
}

async function areEqual(checkpoint: Checkpoint, name: string, other: string): Promise<boolean> {
  const [a, b] = [checkpoint.tensors.get(name), checkpoint.tensors.get(other)];
  if (a?.type !== b?.type || a?.shape.join() !== b?.shape.join()) return false;
  const pieces = bytesInPieces(checkpoint, other);
  for await (const piece of bytesInPieces(checkpoint, name)) {
    const next = await pieces.next();
    if (next.done === true || Buffer.compare(piece, next.value) !== 0) return false;
  }
  return true;
}

function isKnownExtra(name: string, { tiedEmbeddings }: Architecture): boolean {
  return name.endsWith('.rotary_emb.inv_freq') || (tiedEmbeddings && name === TIED_COPY);
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ');
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}
