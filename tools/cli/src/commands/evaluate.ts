// `espalier evaluate`: loss and perplexity of a text, and the cloze task where the text has one; of several models, a table.
import {
  createStrategy,
  evaluate,
  loadModel,
  measuredBy,
  modelParameters,
  ownValue,
  Pipeline,
  type Evaluation,
} from '@espalier/core';
import { z } from 'zod';
import {
  createWorkbench,
  evaluationNotices,
  formatInteger,
  formatTable,
  hubAccess,
  loadPlugins,
  locateModel,
  openEvaluation,
  startBackend,
  tooFew,
  waitsOf,
  type SummaryRow,
} from '@espalier/run';
import { inform, say } from '../terminal/notes.js';
import { screenColumns } from '../terminal/columns.js';
import { printJson, printLines, printText } from '../terminal/print.js';
import { createProgress } from '../show/progress.js';
import { textOf } from './run-flags.js';

const schema = z.object({
  model: z.array(z.string()),
  revision: z.string().optional(),
  offline: z.boolean().default(false),
  field: z.string().default('text'),
  data: z.string(),
  split: z.enum(['lines', 'whole']),
  maxTokens: z.number().optional(),
  windows: z.enum(['documents', 'rolling', 'concatenated']).default('documents'),
  stride: z.number().optional(),
  seed: z.number(),
  threads: z.number().optional(),
  backend: z.string().default('ort'),
  plugin: z.array(z.string()).default([]),
  json: z.boolean(),
});

/** Tokens of each document when --max-tokens is not given: a long context would be slow, and its logits large. */
const MAX_TOKENS = 2048;
/** Documents by which it is told whether models read a text alike. */
const SAME = 8;

type Flags = z.output<typeof schema>;
type Bench = ReturnType<typeof createWorkbench>;

/** Runs the verb with the flags that commander has parsed. */
export async function evaluateCommand(given: unknown, signal: AbortSignal): Promise<void> {
  const flags = schema.parse(given);
  const { seed, threads, backend, plugin, json, model: names } = flags;
  const bench = createWorkbench({ seed, threads, backend, plugins: await loadPlugins(plugin, process.cwd()) });
  await startBackend(bench.context.backend);
  const measured: { readonly row: SummaryRow; readonly result: Record<string, unknown>; readonly tokens: string }[] =
    [];
  for (const name of names) measured.push(await measure(name, bench, flags, signal));
  const [first] = measured;
  const results = measured.map(({ result }) => result);
  if (json) return printJson(results.length > 1 ? results : first?.result);
  if (first === undefined || results.length === 1) {
    const entries = Object.entries(first?.result ?? {});
    return printLines(...entries.map(([name, value]) => `${name.padEnd(24)} ${shown(value)}`));
  }
  if (measured.some(({ tokens }) => tokens !== first.tokens))
    say('the models read the text as different tokens: a loss per token of one says nothing of that of another');
  const rows = measured.map(({ row }) => row);
  printText(formatTable(rows, screenColumns(process.stdout), (name) => name));
}

/** What one model is measured at. The text is read for each, by its own tokenizer. */
async function measure(
  name: string,
  bench: Bench,
  { revision, offline, data, split, field, maxTokens, windows, stride, seed }: Flags,
  signal: AbortSignal,
) {
  const { container, context, families } = bench;
  const progress = createProgress();
  const waits = waitsOf(progress.show, { signal });
  const { watch } = waits;
  const hub = { ...(await hubAccess(process.env, inform, offline)), watch };
  const path = await waits.during('fetch the model', () => locateModel(name, revision, hub));
  const { model, close } = await loadModel(path, families);
  try {
    const spec = textOf(data, split, field);
    const { documents, cloze, notice } = await waits.during('read the text', () =>
      openEvaluation(spec, { bench, hub, teacher: model, seed, watch }),
    );
    const limit = maxTokens ?? Math.min(model.architecture.contextLength, MAX_TOKENS);
    const laid = { windows, ...(stride === undefined ? {} : { stride }) };
    const evaluators = [
      createStrategy(container, 'evaluator', 'perplexity', laid),
      createStrategy(container, 'evaluator', 'cloze'),
    ];
    const text = { documents, items: cloze, contextLength: limit };
    for (const line of [...(notice === undefined ? [] : [notice]), ...evaluationNotices(evaluators, text)]) say(line);
    const { evaluation } = await Pipeline.of({ student: model }, context, 'evaluate')
      .pipe(evaluate(evaluators, text))
      .run(progress.show, signal);
    const size = modelParameters(model);
    const measures = evaluators.flatMap((own) => {
      const found = ownValue(evaluation, own.name);
      return found === undefined ? [] : measuredBy(own, found);
    });
    return {
      row: { name, ...size, measures, trainingTokens: 0 },
      result: { model: path, ...size, ...flatten(evaluation) },
      tokens: documents
        .slice(0, SAME)
        .map((own) => own.join())
        .join('\n'),
    };
  } finally {
    progress.stop();
    await close();
  }
}

function shown(value: unknown): string {
  if (value === null) return tooFew;
  if (Array.isArray(value)) return value.map(shown).join('–');
  if (typeof value !== 'number') return typeof value === 'string' ? value : JSON.stringify(value);
  return Number.isInteger(value) ? formatInteger(value) : value.toFixed(4);
}

/** The perplexity evaluator's numbers at the top, other evaluators under their names. */
function flatten({ perplexity, ...others }: Evaluation): Record<string, unknown> {
  const isRecord = typeof perplexity === 'object' && perplexity !== null && !Array.isArray(perplexity);
  return { ...(isRecord ? Object.fromEntries(Object.entries(perplexity)) : {}), ...others };
}
