// `espalier plan`: what a recipe or flags would do and cost, from config.json alone.
import { join } from 'node:path';
import {
  at,
  cacheBytes,
  describeArchitecture,
  modelParameters,
  weightBytes,
  type ModelShape,
} from '@espalier/core';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatInteger,
  hubAccess,
  planFacts,
  prepareRecipe,
  recordNames,
  type PlannedStep,
  advise,
  describeAdvice,
} from '@espalier/run';
import { z } from 'zod';
import { machineRate } from './machine-rate.js';
import { printJson, printLines, say } from '../terminal/print.js';
import { trustOf } from './output.js';
import { recipeOf } from './compress.js';

const schema = z.object({
  recipe: z.string().optional(),
  plugin: z.array(z.string()).default([]),
  trust: z.boolean().default(false),
  offline: z.boolean().default(false),
  time: z.boolean().default(true),
  json: z.boolean(),
});

/** Runs the verb with the flags that commander has parsed; `given` lists those that the user wrote. */
export async function planCommand(flags: unknown, given: readonly string[]): Promise<void> {
  const { recipe: file, plugin, trust, offline, time, json } = schema.parse(flags);
  const { recipe, locate, recipeFile } = await recipeOf(flags, given, file, offline, ['model', 'target']);
  const folder = join('runs', recipe.name);
  const opening = {
    hub: await hubAccess(process.env, say, offline),
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
  const { bench, steps, planned, shape: model } = await prepareRecipe(recipe, opening, places);
  // JSON is for programs, which ask for numbers that do not depend on the moment.
  const rate = time && !json ? await machineRate(bench.context) : undefined;
  const advice = advise(planFacts(planned));
  const result = {
    model: { name: recipe.model, ...counted(model), ...memory(model) },
    steps: planned.map((step, index) => ({ ...described(step), target: at(steps, index).recipe.target })),
    advice: advice.map((own) => ({ ...own })),
  };
  if (json) printJson(result);
  else printLines(...text(recipe.model, model, planned, rate, advice.map(describeAdvice)));
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

function described({ name, from, to, atMost, tokens, correctionTokens, flops, memory: training }: PlannedStep) {
  const cost = { tokens, correctionTokens, flops, trainingMemory: training };
  return { name, from: counted(from), ...counted(to), ...memory(to), ...cost, ...(atMost && { atMost }) };
}

function text(
  name: string,
  model: ModelShape,
  steps: readonly PlannedStep[],
  rate: number | undefined,
  advice: readonly string[],
): readonly string[] {
  const lines = [`${name}: ${describeArchitecture(model.architecture)}`, `  ${sizes(model)}`];
  let seconds = 0;
  for (const step of steps) {
    lines.push('', `${step.name}: ${describeArchitecture(step.to.architecture)}`, `  ${sizes(step.to)}`);
    if (step.atMost === true) lines.push('  at most: its shape has to be measured first');
    const { memory: training, tokens, correctionTokens, flops } = step;
    if (correctionTokens > 0) lines.push(`  correction of the teacher: ${formatCount(correctionTokens)} tokens`);
    const duration = rate === undefined ? '' : `, about ${formatDuration(flops / rate)} on this machine`;
    lines.push(
      `  training: ${formatCount(tokens)} tokens, ${flops.toExponential(2)} operations, ${formatBytes(training.total)} of memory${duration}`,
    );
    if (rate !== undefined) seconds += flops / rate;
  }
  if (rate !== undefined)
    lines.push(
      '',
      `In all about ${formatDuration(seconds)} of training, at ${(rate / 1e9).toFixed(0)} GFLOP/s as measured just now.`,
    );
  const remarks =
    advice.length === 0 ? ['Published practice has nothing against this plan.'] : advice.map((own) => `! ${own}`);
  return [...lines, '', ...remarks];
}

function sizes(model: ModelShape): string {
  const { parameters, nonEmbeddingParameters } = modelParameters(model);
  const { weightBytes: bytes, cache } = memory(model);
  return `${formatInteger(parameters)} parameters, ${formatInteger(nonEmbeddingParameters)} without embeddings; weights ${formatBytes(bytes.BF16)} as BF16, cache of ${cache.length} tokens ${formatBytes(cache.bytes)}`;
}
