// Depth importance by trying: how much worse the model gets when layers, blocks of neighbouring layers, or halves of layers
// are gated off. What "worse" means is an evaluator's objective.
import type { RunBytes } from '../../cost/index.js';
import { InputError } from '../../errors.js';
import { createRunner, type Model, type ModelShape } from '../../model/index.js';
import { finiteResult } from '../../pipeline/finite.js';
import type { StageContext, StageTools } from '../../pipeline/index.js';
import {
  evaluationContext,
  type EvaluationContext,
  type EvaluationSize,
  type EvaluationText,
  type Evaluator,
} from '../8-evaluate/index.js';
import type { Scores } from './importance-scorer.js';
import { maskedModel, maskedRunner, withoutHalves, type Halves } from './masked-runner.js';

/** A run of neighbouring layers. A type, not an interface: it goes into events. */
export type BlockScore = {
  /** 0-based number of its first layer. */
  readonly start: number;
  /** Layers. */
  readonly length: number;
  /** What its loss costs; higher = keep. */
  readonly score: number;
};

/** What is left out in turn. */
export interface MeasureDepthOptions {
  /** Lengths of the blocks that are tried, in layers; single layers when not given. */
  readonly blocks?: readonly number[];
  /** Whether the attention and the feed-forward half of each layer are tried as well; they are not when not given. */
  readonly halves?: boolean;
}

/** What was lost with each part. */
export interface DepthImportance {
  /** Quality of the whole model: the evaluator's objective, negated. */
  readonly whole: number;
  /** Of every block tried, shortest first, from the first layer on. */
  readonly blocks: readonly BlockScore[];
  /** `layers` where single layers were tried; `attention` and `feedForward` where halves were. */
  readonly scores: Partial<Scores>;
}

/**
 * Score of a block = objective without the block − objective of the whole model: the sensitivity of Muralidharan et al. 2024,
 * section 2.2, where the evaluator is perplexity (in nats), and of Sreenivas et al. 2024 where it is a task. One load of the model
 * and one compiled program serve all candidates. Throws `InputError` for a length that is not below the number of layers, and for
 * an evaluator that has no objective or nothing to measure, or whose objective is NaN or infinite.
 */
export async function measureDepth(
  model: Model,
  evaluator: Evaluator,
  text: EvaluationText,
  { blocks = [1], halves = false }: MeasureDepthOptions,
  stageContext: StageContext,
  tools: StageTools,
): Promise<DepthImportance> {
  const { architecture } = model;
  const context = evaluationContext(model, text, stageContext);
  checkObjective(evaluator, context);
  const all = Array.from({ length: architecture.layers }, (_, layer) => layer);
  const wrong = blocks.find((length) => !Number.isInteger(length) || length < 1 || length >= architecture.layers);
  if (wrong !== undefined) {
    throw new InputError({
      asked: `measure ${evaluator.name} without blocks of ${wrong} layers`,
      found: `the model has ${architecture.layers} layers`,
      fix: `Give lengths from 1 to ${architecture.layers - 1}`,
    });
  }
  const spans = [...new Set(blocks)]
    .sort((a, b) => a - b)
    .flatMap((length) => all.slice(0, architecture.layers - length + 1).map((start) => ({ start, length })));
  const total = 1 + spans.length + (halves ? 2 * all.length : 0);
  const runner = await createRunner(model, context);
  let done = 0;
  const quality = async (gone: Halves): Promise<number> => {
    tools.signal.throwIfAborted();
    const quiet: StageTools = { signal: tools.signal, report: () => undefined };
    const masked = maskedRunner(runner, withoutHalves(architecture, gone));
    const own = evaluator.objective?.(await evaluator.evaluate(masked, context, quiet)) ?? NaN;
    done += 1;
    tools.report({ type: 'progress', done, total, unit: 'candidates' });
    return -finiteResult(`the objective of "${evaluator.name}" for candidate ${done}`, own);
  };
  try {
    const whole = await quality({ attention: [], feedForward: [] });
    const found: BlockScore[] = [];
    for (const { start, length } of spans) {
      const gone = all.slice(start, start + length);
      found.push({ start, length, score: whole - (await quality({ attention: gone, feedForward: gone })) });
    }
    const single = found.filter(({ length }) => length === 1).map(({ score }) => score);
    const layers = single.length === 0 ? {} : { layers: single };
    if (!halves) return { whole, blocks: found, scores: layers };
    const [attention, feedForward]: [number[], number[]] = [[], []];
    for (const layer of all) attention.push(whole - (await quality({ attention: [layer], feedForward: [] })));
    for (const layer of all) feedForward.push(whole - (await quality({ attention: [], feedForward: [layer] })));
    return { whole, blocks: found, scores: { ...layers, attention, feedForward } };
  } finally {
    await runner.dispose();
  }
}

/** Bytes of a process that measures a model with parts of it left out; undefined where the evaluator does not say what it takes. */
export function depthBytes(model: ModelShape, evaluator: Evaluator, text: EvaluationSize): RunBytes | undefined {
  return evaluator.memory?.(maskedModel(model), text);
}

/** Throws `InputError` for an evaluator that cannot say what a layer is worth, or that has nothing to measure on the text. */
export function checkObjective(evaluator: Evaluator, text?: EvaluationContext): void {
  const asked = `measure layers by evaluator "${evaluator.name}"`;
  if (evaluator.objective === undefined) {
    const fix = 'Use one that has an objective, such as "perplexity"';
    throw new InputError({ asked, found: 'it has no objective, a number of which lower is better', fix });
  }
  if (text === undefined || evaluator.applies?.(text) !== false) return;
  const found = 'there is nothing for it to measure, e.g. no questions';
  throw new InputError({ asked, found, fix: 'Use "perplexity", or other data' });
}

/** The block of this length that is least missed; the first of equals. Throws `InputError` when none was measured. */
export function leastBlock(blocks: readonly BlockScore[], length: number): BlockScore {
  const own = blocks.filter((block) => block.length === length);
  const [first, ...rest] = own;
  if (first !== undefined) return rest.reduce((least, block) => (block.score < least.score ? block : least), first);
  throw new InputError({
    asked: `choose a block of ${length} layers`,
    found: `blocks of ${[...new Set(blocks.map((block) => block.length))].join(', ') || 'no'} layers were measured`,
    fix: 'Measure that length as well',
  });
}

/** Scores of layers that make a pruner drop just this block: 0 inside, 1 outside. */
export function layersWithout({ start, length }: BlockScore, layers: number): readonly number[] {
  return Array.from({ length: layers }, (_, layer) => (layer >= start && layer < start + length ? 0 : 1));
}

/** Tells what was measured: the finding `depth`. */
export function reportDepth({ name }: Pick<Evaluator, 'name'>, depth: DepthImportance, tools: StageTools): void {
  const { whole, blocks } = depth;
  const least = [...blocks].sort((a, b) => a.score - b.score).slice(0, 5);
  const listed = least.map(({ start, length, score }) => `${span(start, length)} ${Number(score.toPrecision(3))}`);
  const message = `quality by ${name} of the whole model ${Number(whole.toPrecision(4))} (higher is better); least missed (layers 0-based, drop in quality): ${listed.join(', ')}`;
  tools.report({ type: 'finding', name: 'depth', message, data: { metric: name, whole, blocks } });
}

function span(start: number, length: number): string {
  return length === 1 ? String(start) : `${start}–${start + length - 1}`;
}
