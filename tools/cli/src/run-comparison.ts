// Sets a comparison up from flags, runs it, and leaves its results: run folder, model folder, table.
import {
  checkSaveTarget,
  chooseArchitecture,
  createStrategy,
  exportModel,
  InputError,
  isTimed,
  loadModel,
  makePlan,
  modelParameters,
  parseTarget,
  remembered,
  sourceBatches,
  untrained,
  type DataContext,
  type LossTerm,
  type Model,
  type Scores,
} from '@espalier/core';
import { compare, type Method, type Training } from './comparison.js';
import { resolveData, type DataFlags } from './data.js';
import { checkReload } from './reload.js';
import { createRunFolder } from './run-folder.js';
import { withMemory } from './show/memory.js';
import { createProgress } from './show/progress.js';
import { formatTable } from './show/table.js';
import type { Summary } from './summary.js';
import { versions, type Workbench } from './wiring.js';

export interface RunRequest extends DataFlags {
  readonly model: string;
  readonly target: string;
  readonly methods: readonly MethodRequest[];
  /** Training tokens of each student; 16 per student parameter when not given (Minitron spent 20 on its 4B). */
  readonly tokens?: number;
  readonly batch: number;
  readonly learningRate?: number;
  readonly warmup: number;
  readonly samples: number;
  /** First tokens of each document to evaluate on. */
  readonly maxTokens?: number;
  /** Folder for events and summary. */
  readonly run: string;
  /** Which row's model is written where. */
  readonly export?: { readonly row: string; readonly folder: string; readonly overwrite: boolean };
  readonly json: boolean;
}

export interface MethodRequest {
  readonly name: 'width' | 'depth' | 'sublayer' | 'joint';
  readonly trainings: readonly Training[];
}

/** Peak rate: inversely to the hidden size, so that it meets Minitron's 1e-4 at 3072 (Sreenivas et al. 2024, table 4). */
const RATE_TIMES_HIDDEN = 0.3;
const HIGHEST_RATE = 5e-3;
const TOKENS_PER_PARAMETER = 16;
/** Tokens per sequence when speed is measured; fewer where the context is shorter. */
const THROUGHPUT_LENGTH = 128;

/** Runs and prints the table, or the summary as JSON, on stdout. */
export async function runComparison(request: RunRequest, bench: Workbench, signal?: AbortSignal): Promise<Summary> {
  const { container, context } = bench;
  const target = parseTarget(request.target);
  const loaded = await loadModel(request.model, bench.families);
  const progress = createProgress();
  try {
    const teacher = loaded.model;
    checkLength(teacher, request);
    if (request.export !== undefined) await checkSaveTarget(request.export.folder, request.export.overwrite);
    const methods: readonly Method[] = request.methods.map(({ name, trainings }) => ({
      name,
      trainings,
      search: untrained(
        createStrategy(container, 'search', name === 'depth' ? 'depth' : 'proportional-width'),
        `compress by ${name}`,
      ),
      pruner: createStrategy(container, 'pruner', name),
    }));
    // What cannot be reached is said before anything is written or run; a target in time has to be measured.
    for (const method of isTimed(target) ? [] : methods)
      makePlan(
        method.pruner,
        teacher.architecture,
        evenScores(teacher),
        chooseArchitecture(method.search, teacher, target),
      );
    const data = await resolveData(request, teacher.tokenizer);
    if (data.notice !== undefined) process.stderr.write(`espalier: ${data.notice}\n`);
    const dataContext = (use: string): DataContext => ({ ...context, teacher, random: context.random.fork(use) });
    const size = { batch: request.batch, length: request.length };
    const peak = request.learningRate ?? Math.min(HIGHEST_RATE, RATE_TIMES_HIDDEN / teacher.architecture.sizes.hidden);
    const only = (name: string): readonly { readonly term: LossTerm; readonly weight: number }[] => [
      { term: createStrategy(container, 'loss', name), weight: 1 },
    ];
    const folder = createRunFolder(request.run);
    const training = remembered(data.source.documents(dataContext('training')));
    try {
      const { rows, students } = await compare(
        {
          teacher,
          target,
          methods,
          scorers: [
            createStrategy(container, 'scorer', 'activation'),
            createStrategy(container, 'scorer', 'block-influence'),
          ],
          evaluators: [
            createStrategy(container, 'evaluator', 'perplexity', {
              documents: await data.validation(dataContext('validation')),
              maxTokens: request.maxTokens ?? request.length + 1,
            }),
            ...(data.cloze.length === 0
              ? []
              : [createStrategy(container, 'evaluator', 'cloze', { items: data.cloze })]),
            createStrategy(container, 'evaluator', 'throughput', {
              length: Math.min(THROUGHPUT_LENGTH, teacher.architecture.contextLength),
            }),
          ],
          distillation: only('forward-kl'),
          languageModel: only('cross-entropy'),
          optimizer: createStrategy(container, 'optimizer', 'adamw'),
          schedule: createStrategy(container, 'schedule', 'cosine', { peak, warmup: request.warmup }),
          tokens: (student) => request.tokens ?? TOKENS_PER_PARAMETER * modelParameters(student).parameters,
          samples: request.samples,
          ...size,
          training: () => sourceBatches(data.source, training.documents, size),
          calibration: () => sourceBatches(data.source, data.source.documents(dataContext('calibration')), size),
        },
        context,
        withMemory((event) => {
          folder.log(event);
          progress.show(event);
        }),
        signal,
      );
      const summary: Summary = { rows, seed: request.seed, versions: versions() };
      signal?.throwIfAborted();
      const exported = await exportRow(request, students, bench);
      folder.finish(summary);
      progress.stop();
      process.stdout.write(request.json ? `${JSON.stringify(summary, null, 2)}\n` : `\n${formatTable(rows)}\n`);
      process.stderr.write(`\n${exported}Run folder: ${request.run} (summary.json, events.ndjson)\n`);
      return summary;
    } finally {
      folder.close();
      await training.close();
    }
  } finally {
    progress.stop();
    await loaded.close();
  }
}

/** Scores that prefer nothing: enough to find out whether a plan can be made at all. */
function evenScores({ architecture: { layers, sizes } }: Model): Scores {
  const even = (count: number): readonly number[] => Array.from({ length: count }, () => 1);
  const perLayer = (count: number): readonly (readonly number[])[] => even(layers).map(() => even(count));
  return {
    ffn: perLayer(sizes.ffn),
    heads: perLayer(sizes.heads),
    hidden: even(sizes.hidden),
    layers: even(layers),
    attention: even(layers),
    feedForward: even(layers),
  };
}

function checkLength({ architecture, folder }: Model, { length, maxTokens = length + 1 }: RunRequest): void {
  const longest = Math.max(length, maxTokens - 1);
  if (longest <= architecture.contextLength) return;
  throw new InputError({
    asked: `use sequences of ${longest} tokens with model "${folder}"`,
    found: `its context is ${architecture.contextLength} tokens`,
    fix: `Give --length and --max-tokens within it`,
  });
}

/** Writes the chosen student, says so in a line, and makes sure that the folder gives the same logits as the model in memory. */
async function exportRow(
  { export: request, batch, length }: RunRequest,
  students: ReadonlyMap<string, Model>,
  bench: Workbench,
): Promise<string> {
  const student = request && students.get(request.row);
  if (request === undefined || student === undefined) return '';
  await exportModel(student, request.folder, { overwrite: request.overwrite });
  const size = { batch: Math.min(batch, 4), length: Math.min(length, 64) };
  const difference = await checkReload(student, request.folder, size, bench);
  return `Model folder: ${request.folder} (${request.row}; reloaded, its logits differ by at most ${difference})\n`;
}
