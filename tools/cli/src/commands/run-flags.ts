// Flags of the common case as a recipe: one model, one target, one text.
import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { InputError, parseTarget, readSmallText, type ShapeTarget } from '@espalier/core';
import {
  backendOf,
  bundledRecipe,
  expandTarget,
  locateConfig,
  nameProblem,
  peakRate,
  type Comparison,
  type DataSpec,
  type HubAccess,
  type RecipeInput,
} from '@espalier/run';
import { z } from 'zod';

const split = z.enum(['lines', 'whole']);

/** The flags of `compress` that describe the work. */
export const runFlags = z.object({
  model: z.string(),
  revision: z.string().optional(),
  target: z.string(),
  data: z.array(z.string()).default(['teacher']),
  field: z.string().default('text'),
  split,
  out: z.string().optional(),
  method: z.enum(['width', 'depth']),
  compare: z.boolean(),
  multipleOf: z.number().optional(),
  evalData: z.string().optional(),
  evalSplit: split,
  allowOverlap: z.boolean().default(false),
  maxTokens: z.number().optional(),
  tokens: z.number().optional(),
  length: z.number(),
  batch: z.number(),
  learningRate: z.number().optional(),
  samples: z.number(),
  warmup: z.number(),
  precision: z.enum(['float32', 'float16']).default('float32'),
  seed: z.number(),
  threads: z.number().optional(),
  backend: z.string().default('ort'),
  plugin: z.array(z.string()).default([]),
  overwrite: z.boolean().default(false),
});

export type RunFlags = z.infer<typeof runFlags>;

/** The recipe that flags stand for. Throws `InputError` for a target that cannot be read. */
export async function recipeOfFlags(flags: RunFlags, hub: HubAccess): Promise<RecipeInput> {
  const {
    model,
    data,
    split: how,
    field,
    evalData,
    evalSplit,
    allowOverlap,
    maxTokens,
    samples,
    batch,
    length,
    seed,
    threads,
  } = flags;
  checkModelName(model);
  const peak = flags.learningRate ?? peakRate(await hiddenSize(flags, hub));
  const methods = methodsOf(flags);
  const [{ name: exported }] = methods;
  return {
    name: nameOf(flags.out),
    model,
    ...(flags.revision === undefined ? {} : { revision: flags.revision }),
    seed,
    plugins: flags.plugin,
    backend: backendOf(flags.backend, threads),
    data: dataOf(data, how, field),
    evaluation: {
      ...(evalData === undefined ? {} : { data: textOf(evalData, evalSplit, field) }),
      allowOverlap,
      ...(maxTokens === undefined ? {} : { maxTokens }),
    },
    steps: methods.map(({ name, compare }) => ({
      name,
      from: 'model',
      target: flags.target,
      importance: { samples, batch, length },
      search: searchOf(name, flags.multipleOf),
      pruner: name,
      distillation: {
        ...(flags.tokens === undefined ? {} : { tokens: flags.tokens }),
        batch,
        length,
        precision: flags.precision,
        schedule: { name: 'cosine', peak, warmup: flags.warmup },
      },
      compare: [...compare],
    })),
    ...(flags.out === undefined ? {} : { export: { folder: flags.out, step: exported, overwrite: flags.overwrite } }),
  };
}

/** Throws `InputError` for a model that is the name of a bundled recipe. */
function checkModelName(model: string): void {
  if (existsSync(model) || bundledRecipe(model) === undefined) return;
  throw new InputError({
    asked: `use model "${model}"`,
    found: 'that is the name of a bundled recipe',
    fix: `Give it by --recipe ${model}, and the model that it is for by --model`,
  });
}

function searchOf(method: Method['name'], multipleOf: number | undefined) {
  if (method === 'depth') return 'depth';
  return multipleOf === undefined ? 'proportional-width' : { name: 'proportional-width', multipleOf };
}

/** A recipe's name out of where its model goes: what the folder is called, also where it is given as "." or "..". */
export function nameOf(out: string | undefined): string {
  const name = out === undefined ? '' : basename(resolve(out)).replaceAll(/[^\w.-]/g, '-');
  return name === '' || nameProblem(name) !== undefined ? 'run' : name;
}

/** How flags describe text. What they leave as it is anyway is left out: a source by name has options of its own. */
export function textOf(source: string, how: 'lines' | 'whole', field: string): DataSpec {
  return { source, ...(how === 'lines' ? {} : { split: how }), ...(field === 'text' ? {} : { field }) };
}

/** How flags describe one text, or several with weights: `a.txt:3`. */
export function dataOf(sources: readonly string[], how: 'lines' | 'whole', field: string): RecipeInput['data'] {
  const texts = sources.map(weighted).map(({ source, weight }) => ({ ...textOf(source, how, field), weight }));
  const [first, ...others] = texts;
  if (first === undefined || others.length > 0) return texts;
  const { weight: _weight, ...only } = first; // the weight of one text says nothing
  return only;
}

/** A text and its weight, 1 when not given; a file whose name ends so is meant by its name. Throws `InputError` for a weight of 0. */
function weighted(text: string): { readonly source: string; readonly weight: number } {
  const [, source, number] = /^(.+):(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  if (source === undefined || existsSync(text)) return { source: text, weight: 1 };
  const weight = Number(number);
  if (weight > 0) return { source, weight };
  throw new InputError({
    asked: `read text "${text}"`,
    found: 'its weight is 0',
    fix: 'Give a weight above 0, or leave the text out',
  });
}

interface Method {
  readonly name: 'width' | 'depth' | 'sublayer' | 'joint';
  readonly compare: readonly Comparison[];
}

/** A size can be reached by width or by depth; an explicit shape says by itself which of them, or both, it takes. */
function methodsOf({ target: text, method, compare }: RunFlags): readonly [Method, ...Method[]] {
  const target = parseTarget(expandTarget(text));
  const all: readonly Comparison[] = compare ? ['lm-loss', 'scratch'] : [];
  if (target.kind === 'shape') {
    return [{ name: methodOf(target), compare: all }];
  }
  const other: Method = { name: method === 'width' ? 'depth' : 'width', compare: [] };
  return compare ? [{ name: method, compare: all }, other] : [{ name: method, compare: all }];
}

function methodOf({ shape, choice }: ShapeTarget): Method['name'] {
  const { layers, attentionLayers, ffnLayers, ...widths } = shape;
  const halves = (attentionLayers ?? ffnLayers ?? choice?.dropAttention ?? choice?.dropFeedForward) !== undefined;
  const whole = layers === undefined && choice === undefined;
  if (Object.keys(widths).length > 0) return whole && !halves ? 'width' : 'joint';
  return halves ? 'sublayer' : 'depth';
}

/** The model's hidden size, as far as its config.json can be read; what is wrong with it is said when it is opened. */
async function hiddenSize({ model, revision }: RunFlags, hub: HubAccess): Promise<number> {
  const folder = await locateConfig(model, revision, hub);
  const text = await readSmallText(join(folder, 'config.json'), 'read a config', 2 ** 24).catch(() => '{}');
  const config = z.object({ hidden_size: z.number().positive() }).safeParse(jsonOf(text));
  return config.success ? config.data.hidden_size : 1;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
