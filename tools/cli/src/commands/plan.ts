// `espalier plan`: what a recipe or flags would do and cost, from config.json alone.
import { join } from 'node:path';
import {
  at,
  cacheBytes,
  describeArchitecture,
  modelParameters,
  stepBytes,
  trainFlops,
  weightBytes,
  type ModelShape,
  type RunContainer,
} from '@espalier/core';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatInteger,
  formatPercent,
  gpuEstimates,
  hubAccess,
  largestStage,
  planFacts,
  prepareRecipe,
  pretrainStep,
  readGpus,
  recordNames,
  settleShortages,
  type GpuEstimate,
  type GpuTable,
  type PlannedStep,
  type Pretraining,
  advise,
  describeAdvice,
} from '@espalier/run';
import { z } from 'zod';
import { machineRate } from './machine-rate.js';
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
  const { bench, steps, planned, shape: model, shortages } = await prepareRecipe(recipe, opening, places);
  // JSON is for programs, which ask for numbers that do not depend on the moment.
  if (time && !json && process.stderr.isTTY)
    noteLines('measuring this machine for two seconds (--no-time leaves it out)');
  const rate = time && !json ? await machineRate(bench.context) : undefined;
  const advice = advise(planFacts(planned));
  const pretraining = recipe.pretraining && pretrainingCost(model, recipe.pretraining, bench.container);
  const costs = [...(pretraining === undefined ? [] : [pretraining]), ...planned];
  const flops = costs.reduce((sum, own) => sum + own.flops, 0);
  const largest = Math.max(...costs.map((own) => own.memory.total));
  const estimates = gpuEstimates(table, { flops, memory: largest });
  const result = {
    model: { name: recipe.model ?? 'pretrained', ...counted(model), ...memory(model) },
    ...(pretraining && { pretraining }),
    steps: planned.map((step, index) => ({ ...described(step), target: at(steps, index).recipe.target })),
    advice: advice.map((own) => ({ ...own })),
    gpus: { utilisation: table.utilisation, currency: table.currency, estimates: estimates.map((own) => ({ ...own })) },
  };
  if (json) printJson(result);
  else {
    const seconds = rate === undefined ? undefined : flops / rate;
    printLines(
      ...text(recipe.model ?? 'pretrained', model, { pretraining, steps: planned }, rate),
      ...elsewhere(table, estimates, { flops, seconds, asked: gpus !== undefined }),
      '',
      ...remarks(advice.map(describeAdvice), shortages.length > 0 || planned.length === 0, seconds),
    );
  }
  // What cannot end well is refused in the words of compress, once the numbers are there to see why.
  settleShortages(shortages, { allow, logger: { warn: say } });
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

function pretrainingCost(model: ModelShape, own: Pretraining, container: RunContainer) {
  const { tokens, length, accumulate } = own;
  const memory = stepBytes(pretrainStep(own, model, container), accumulate);
  return { tokens, flops: tokens * trainFlops(model, length), memory };
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

type Training = Pick<PlannedStep, 'tokens' | 'flops' | 'memory'>;

function text(
  name: string,
  model: ModelShape,
  { pretraining, steps }: { readonly pretraining: Training | undefined; readonly steps: readonly PlannedStep[] },
  rate: number | undefined,
): readonly string[] {
  const lines = [`${name}: ${describeArchitecture(model.architecture)}`, `  ${sizes(model)}`];
  const trained = ({ tokens, flops, memory: { total } }: Training): string => {
    const duration = rate === undefined ? '' : `, about ${formatDuration(flops / rate)} on this machine`;
    return `training: ${formatCount(tokens)} tokens, ${flops.toExponential(2)} operations, ${formatBytes(total)} of memory${duration}`;
  };
  if (pretraining !== undefined) lines.push(`  ${trained(pretraining)}`);
  for (const step of steps) {
    lines.push(
      '',
      `${step.name}: ${describeArchitecture(step.to.architecture)}`,
      `  ${sizes(step.to)}`,
      `  ${shares(step, model)}`,
    );
    if (step.atMost === true) lines.push('  at most: its shape has to be measured first');
    const { correctionTokens } = step;
    if (correctionTokens > 0) lines.push(`  correction of the teacher: ${formatCount(correctionTokens)} tokens`);
    lines.push(`  ${trained(step)}`);
    const most = largestStage(step.stages);
    if (most !== undefined)
      lines.push(`  most memory: about ${formatBytes(most.bytes)}, in ${most.run} · ${most.stage}`);
  }
  const flops = [...(pretraining === undefined ? [] : [pretraining]), ...steps].reduce(
    (sum, own) => sum + own.flops,
    0,
  );
  if (rate !== undefined)
    lines.push(
      '',
      `In all about ${formatDuration(flops / rate)} of training, at ${(rate / 1e9).toFixed(0)} GFLOP/s as measured just now.`,
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
