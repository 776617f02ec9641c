// The text of a recipe as a plan sees it: read where all that it needs is on this machine and it is no large one, else taken to be as usual.
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { openTokenizer, type Model } from '@espalier/core';
import { findData, type DataPlaces } from '../data/locate-data.js';
import { openRunData } from '../data/run-data.js';
import { isMix, textsOf, type DataSpec } from '../recipe/data-schema.js';
import type { Recipe } from '../recipe/schema.js';
import type { PlannedText } from '../steps/planned-work.js';
import { checkDepth } from './checks.js';
import { evaluatedTokens, trainingLengths } from './measure.js';
import { dataRequest } from './open-recipe.js';
import type { Opening, PreparedRecipe } from './prepare-recipe.js';
import type { Waits } from './waits.js';

/** The text, and what was read of it. */
export interface ForeseenText extends PlannedText {
  /** Tokens of one pass over what is trained on, where that is known and has an end. */
  readonly tokens?: number;
  /** What is to be known of it, in one line. */
  readonly notice?: string;
}

/** Documents that are held back of a text without end, and of one that nobody has read. */
const HELD_OUT = 128;
/** Bytes up to which a text is read: a larger one is not too little, and takes long. */
const READ_BYTES = 256 * 2 ** 20;

/** What is known of the text. Throws `InputError`, as `openRecipe` does, for text that cannot be read or is too little, and for one without the questions that a step asks. */
export async function foreseenText(
  { recipe, steps, bench, shape }: Pick<PreparedRecipe, 'recipe' | 'steps' | 'bench' | 'shape'>,
  { hub }: Pick<Opening, 'hub'>,
  { stdin, waits }: { readonly stdin?: string | undefined; readonly waits: Waits },
): Promise<ForeseenText> {
  const places = { container: bench.container, ...(stdin === undefined ? {} : { stdin }) };
  if (
    writtenShare(recipe) > 0 ||
    !existsSync(join(shape.folder, 'tokenizer.json')) ||
    !(await isAtHand(recipe, places))
  )
    return usualText(recipe);
  const teacher = await unread(shape);
  const data = await waits.during('read the text', () =>
    openRunData(dataRequest(recipe), { bench, hub, teacher, watch: waits.watch }),
  );
  try {
    checkDepth(steps, data.cloze);
    const documents = await data.validation();
    return {
      evaluation: { documents, items: data.cloze, contextLength: evaluatedTokens({ recipe }) },
      written: 0,
      ...(data.tokens === undefined ? {} : { tokens: data.tokens }),
      ...(data.notice === undefined ? {} : { notice: data.notice }),
    };
  } finally {
    await data.close();
  }
}

/** The model without its weights, which no text that is read here asks for. */
async function unread({ folder, ...shape }: PreparedRecipe['shape']): Promise<Model> {
  const weights = { read: (name: string) => Promise.reject(new RangeError(`${name} is not read by a plan`)) };
  const tokenizer = await openTokenizer(folder);
  return { ...shape, config: {}, weights, tokenizer, folder, storageTypes: new Map() };
}

/** Whether every text is a file of this machine, not too large, or TinyTales. */
async function isAtHand({ data, evaluation }: Recipe, places: DataPlaces): Promise<boolean> {
  let bytes = 0;
  for (const text of [...textsOf(data), ...(evaluation.data === undefined ? [] : [evaluation.data])]) {
    if (text.source === '-') return false;
    const found = await findData(text, places);
    if (found.kind === 'dataset' || (found.kind === 'source' && found.name !== 'tinytales')) return false;
    if (found.kind === 'files') for (const file of found.files) bytes += (await stat(file)).size;
  }
  return bytes <= READ_BYTES;
}

/** What is taken of a text that is not read. */
export function usualText(recipe: Recipe): ForeseenText {
  return { evaluation: usual(recipe), written: writtenShare(recipe) };
}

/** As much as a text without end has held back, each document as long as is looked at. */
function usual(recipe: Recipe): PlannedText['evaluation'] {
  const length = Math.max(...trainingLengths(recipe)) + 1;
  const document = Array.from({ length }, () => 0);
  const documents = Array.from({ length: HELD_OUT }, () => document);
  return { documents, items: [], contextLength: evaluatedTokens({ recipe }) };
}

/** Share of the training text that the first model writes. */
function writtenShare({ data }: Recipe): number {
  const writes = ({ source }: DataSpec): boolean => source === 'teacher';
  if (!isMix(data)) return writes(data) ? 1 : 0;
  const all = data.reduce((sum, { weight }) => sum + weight, 0);
  return data.reduce((sum, own) => sum + (writes(own) ? own.weight / all : 0), 0);
}
