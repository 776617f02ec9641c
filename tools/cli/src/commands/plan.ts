// `espalier plan`: what a recipe or flags would do and cost, from config.json and the text.
import { join } from 'node:path';
import {
  at,
  cacheBytes,
  describeArchitecture,
  modelParameters,
  InputError,
  weightBytes,
  type ModelShape,
} from '@espalier/core';
import {
  evaluatorsOf,
  foreseenText,
  formatBytes,
  formatCount,
  formatDuration,
  formatInteger,
  formatPercent,
  gpuEstimates,
  hubAccess,
  largestStage,
  passesText,
  planFacts,
  plannedPretraining,
  plannedWork,
  prepareRecipe,
  readGpus,
  recordNames,
  settleShortages,
  textNotices,
  usualText,
  waitsOf,
  type ForeseenText,
  type GpuEstimate,
  type GpuTable,
  type Opening,
  type PlannedPretraining,
  type PlannedStep,
  type PreparedRecipe,
  type StageWork,
  advise,
  describeAdvice,
} from '@espalier/run';
import { z } from 'zod';
import { machineRate } from './machine-rate.js';
import { createProgress } from '../show/progress.js';
import { secondsOf, workLines } from './plan-work.js';
import { inform, noteLines, say } from '../terminal/notes.js';
import { printJson, printLines } from '../terminal/print.js';
import { trustOf } from './output.js';
import { recipeOf } from './compress.js';

const schema = z.object({
  recipe: z.string().optional(),
  plugin: z.array(z.string()).default([]),
  trust: z.boolean().default(false),
  offline: z.boolean().default(false),
  time: z.boolean().default(true),
  gpus: z.string().optional(),
  allowShortage: z.boolean().default(false),
  json: z.boolean(),
});

/** Runs the verb with the flags that commander has parsed; `given` lists those that the user wrote. */
export async function planCommand(flags: unknown, given: readonly string[]): Promise<void> {
  const { recipe: file, plugin, trust, offline, time, gpus, allowShortage: allow, json } = schema.parse(flags);
  const table = await readGpus(gpus);
  const { recipe, locate, recipeFile } = await recipeOf(flags, given, file, offline, ['model', 'target']);
  const folder = join('runs', recipe.name);
  const opening = {
    hub: await hubAccess(process.env, inform, offline),
    plugins: [],
    trust: trustOf({ plugin, trust }),
    logger: { info: say, warn: say },
  };
  const places = {
    folder,
    stdin: join(folder, recordNames.stdin),
    ...(locate && { locate }),
    ...(recipeFile && { recipeFile }),
  };
  const prepared = await prepareRecipe(recipe, opening, places);
  const { bench, steps, planned, shape: model, shortages } = prepared;
  // Without a word about text nobody knows what is read, but hardly that the model is to write it.
  const isGiven = file !== undefined || given.includes('data') || given.includes('set');
  const { text, fault } = isGiven
    ? await textOf(prepared, opening, places.stdin)
    : { text: { ...usualText(recipe), written: 0 }, fault: undefined };
  // JSON is for programs, which ask for numbers that do not depend on the moment.
  if (time && !json && process.stderr.isTTY)
    noteLines('measuring this machine for two seconds (--no-time leaves it out)');
  const rate = time && !json ? await machineRate(bench.context) : undefined;
  const advice = advise(planFacts(planned));
  const pretraining = recipe.pretraining && plannedPretraining(model, recipe.pretraining, bench.container);
  const evaluators = evaluatorsOf({ recipe, bench });
  const work = plannedWork({ original: model, planned, evaluators, text, ...recipeParts(recipe) });
  const flops = work.reduce((sum, own) => sum + own.flops, 0);
  const costs = [...(pretraining === undefined ? [] : [pretraining]), ...planned];
  const largest = Math.max(...costs.map((own) => own.memory.total));
  const estimates = gpuEstimates(table, { flops, memory: largest });
  const result = {
    model: { name: recipe.model ?? 'pretrained', ...counted(model), ...memory(model) },
    ...(text.tokens === undefined ? {} : { text: { tokens: text.tokens } }),
    ...(pretraining && { pretraining }),
    steps: planned.map((step, index) => ({
      ...described(step),
      ...(text.tokens === undefined ? {} : { passes: step.tokens / text.tokens }),
      target: at(steps, index).recipe.target,
    })),
    work: work.map((own) => ({ ...own })),
    advice: advice.map((own) => ({ ...own })),
    gpus: { utilisation: table.utilisation, currency: table.currency, estimates: estimates.map((own) => ({ ...own })) },
  };
  const unknown = isGiven ? [] : ['no text is given (-d): how often it is read is not known'];
  const noted = text.tokens === undefined ? [] : planned.flatMap((own) => textNotices(own, text.tokens ?? NaN));
  if (json) printJson(result);
  else {
    const seconds = rate === undefined ? undefined : work.reduce((sum, own) => sum + secondsOf(own, rate), 0);
    printLines(
      ...shapesText(recipe.model ?? 'pretrained', model, { pretraining, steps: planned, work, text, rate }),
      ...elsewhere(table, estimates, { flops, seconds, asked: gpus !== undefined }),
      '',
      ...remarks(
        [...unknown, ...noted, ...advice.map(describeAdvice)],
        shortages.length > 0 || planned.length === 0 || fault !== undefined,
        seconds,
      ),
    );
  }
  // What cannot end well is refused in the words of compress, once the numbers are there to see why.
  settleShortages(shortages, { allow, logger: { warn: say } });
  if (fault !== undefined) throw fault;
}

function recipeParts({ pretraining, evaluation, steps }: PreparedRecipe['recipe']) {
  return { pretraining, teacher: evaluation.teacher, comparisons: steps.map(({ compare }) => compare) };
}

/** The text, or what is usual and why it cannot be used. */
async function textOf(
  prepared: PreparedRecipe,
  { hub }: Pick<Opening, 'hub'>,
  stdin: string,
): Promise<{ readonly text: ForeseenText; readonly fault?: InputError }> {
  const progress = createProgress();
  try {
    const text = await foreseenText(prepared, { hub }, { stdin, waits: waitsOf(progress.show) });
    if (text.notice !== undefined) say(text.notice);
    return { text };
  } catch (fault) {
    if (fault instanceof InputError) return { text: usualText(prepared.recipe), fault };
    throw fault;
  } finally {
    progress.stop();
  }
}

const [HOUR, MONTH] = [3600, 30 * 86_400];
/** Operations that are worth a GPU: some minutes of one. */
const WORTH = 1e17;

/** GPU-hours and cost, where this machine takes long, or they are asked for. */
function elsewhere(
  { utilisation, currency }: GpuTable,
  estimates: readonly GpuEstimate[],
  { flops, seconds, asked }: { readonly flops: number; readonly seconds: number | undefined; readonly asked: boolean },
): readonly string[] {
  if (!asked && (seconds === undefined || seconds < HOUR || flops < WORTH)) return [];
  const width = Math.max(...estimates.map(({ name }) => name.length));
  const lines = estimates.map(({ name, hours, devices, cost }) => {
    const least = devices === 1 ? '1 GPU holds it' : `${devices} GPUs hold it`;
    return `  ${name.padEnd(width)}  ${hoursText(hours)} GPU-hours, about ${formatCount(cost)} ${currency}; ${least}`;
  });
  const assumed = `In GPU-hours, at ${formatPercent(utilisation, 0)} of the peak in bfloat16 (assumed; prices are examples: --gpus FILE):`;
  return ['', assumed, ...lines];
}

function hoursText(hours: number): string {
  return hours < 10 ? hours.toPrecision(2) : formatCount(hours);
}

function remarks(advice: readonly string[], short: boolean, seconds: number | undefined): readonly string[] {
  const long =
    seconds === undefined || seconds < MONTH
      ? []
      : [
          `! It takes about ${formatDuration(seconds)} on this machine: take fewer tokens (tokensPerParameter, --tokens), a smaller model, or one of the GPUs above.`,
        ];
  const all = [...advice.map((own) => `! ${own}`), ...long];
  return all.length > 0 || short ? all : ['Published practice has nothing against this plan.'];
}

/** Tokens of the key/value cache that memory is given for. */
const CONTEXT = 4096;

function memory(model: ModelShape) {
  const length = Math.min(CONTEXT, model.architecture.contextLength);
  const cache = { batch: 1, length, bytes: cacheBytes(model, { batch: 1, length }, 'BF16') };
  return { weightBytes: { F32: weightBytes(model, 'F32'), BF16: weightBytes(model, 'BF16') }, cache };
}

function counted(model: ModelShape) {
  const { layers, sizes } = model.architecture;
  const { parameters, nonEmbeddingParameters } = modelParameters(model);
  // The short name is what the issue of this verb asks for; the long one is what all other results have.
  return { layers, sizes, parameters, nonEmbeddingParameters };
}

function described({ name, from, to, atMost, tokens, correctionTokens, flops, memory: training, stages }: PlannedStep) {
  const cost = { tokens, correctionTokens, flops, trainingMemory: training, stages: stages.map((own) => ({ ...own })) };
  return { name, from: counted(from), ...counted(to), ...memory(to), ...cost, ...(atMost && { atMost }) };
}

interface Shown {
  readonly pretraining: PlannedPretraining | undefined;
  readonly steps: readonly PlannedStep[];
  readonly work: readonly StageWork[];
  readonly text: ForeseenText;
  readonly rate: number | undefined;
}

function shapesText(
  name: string,
  model: ModelShape,
  { pretraining, steps, work, text, rate }: Shown,
): readonly string[] {
  const lines = [`${name}: ${describeArchitecture(model.architecture)}`, `  ${sizes(model)}`];
  const trained = ({ tokens, memory: { total } }: Pick<PlannedStep, 'tokens' | 'memory'>): string => {
    const passes = text.tokens === undefined ? '' : `, ${passesText(tokens, text.tokens)}`;
    return `  training: ${formatCount(tokens)} tokens${passes}, ${formatBytes(total)} of memory`;
  };
  if (pretraining !== undefined) lines.push(trained(pretraining));
  lines.push(
    ...workLines(
      work.filter(({ step }) => step === undefined),
      rate,
    ),
  );
  for (const step of steps) {
    lines.push(
      '',
      `${step.name}: ${describeArchitecture(step.to.architecture)}`,
      `  ${sizes(step.to)}`,
      `  ${shares(step, model)}`,
    );
    if (step.atMost === true) lines.push('  at most: its shape has to be measured first');
    lines.push(
      trained(step),
      ...workLines(
        work.filter((own) => own.step === step.name),
        rate,
      ),
    );
    const most = largestStage(step.stages);
    if (most !== undefined)
      lines.push(`  most memory: about ${formatBytes(most.bytes)}, in ${most.run} · ${most.stage}`);
  }
  const seconds = rate === undefined ? undefined : work.reduce((sum, own) => sum + secondsOf(own, rate), 0);
  if (rate !== undefined && seconds !== undefined)
    lines.push(
      '',
      `In all about ${formatDuration(seconds)}, at ${(rate / 1e9).toFixed(0)} GFLOP/s as measured just now.`,
    );
  return lines;
}

/** What is left of the parameters of the first model and of the step's own, beside what was asked for. */
function shares({ from, to, resolved }: PlannedStep, first: ModelShape): string {
  const count = (shape: ModelShape): number => modelParameters(shape).parameters;
  const parts = [
    `${formatPercent(count(to) / count(first))} of the original`,
    ...(count(from) === count(first) ? [] : [`${formatPercent(count(to) / count(from))} of the step before`]),
    `asked for: ${resolved.step.target}`,
  ];
  return parts.join(', ');
}

function sizes(model: ModelShape): string {
  const { parameters, nonEmbeddingParameters } = modelParameters(model);
  const { weightBytes: bytes, cache } = memory(model);
  return `${formatInteger(parameters)} parameters, ${formatInteger(nonEmbeddingParameters)} without embeddings; weights ${formatBytes(bytes.BF16)} as BF16, cache of ${cache.length} tokens ${formatBytes(cache.bytes)}`;
}
