// The suite that every evaluator must pass, and those with an objective besides. It measures a tiny model in float64 on text that
// this model wrote itself, and asks it questions about that.
import { expect } from 'vitest';
import {
  createRunner,
  evaluationContext,
  maskedRunner,
  measureDepth,
  random,
  withoutHalves,
  type EvaluationText,
  type Evaluator,
  type Json,
  type Model,
  type StageTools,
} from '@espalier/core';
import { referenceBackend } from '@espalier/core/graph';
import { declareChecks, type StrategyCheck } from './strategy-check.js';
import { tinyDocuments } from './tiny-documents.js';
import { tinyModel } from './tiny-model.js';

/** What is promised beyond being an evaluator. */
export interface EvaluatorPromises {
  /** Whether the same model gives the same result; true when not given, false for what measures time. */
  readonly repeatable?: boolean;
}

const tools: StageTools = { report: () => undefined, signal: new AbortController().signal };
const context = { backend: referenceBackend(), random: random(1) };
const idle = 1; // 0-based layer that adds nothing

/** Six documents of ten tokens, and for each of them three questions after its tokens. */
async function tinyText(): Promise<EvaluationText> {
  const documents = await tinyDocuments();
  const items = documents.flatMap((document) =>
    [4, 6, 8].flatMap((at) => {
      const right = document[at];
      return right === undefined
        ? []
        : [{ prompt: document.slice(0, at), choices: [right, (right + 7) % 24], answer: 0 }];
    }),
  );
  return { documents, items, contextLength: 10 };
}

/** A tiny model of three layers; the blocks of one write zeros into the residual stream, so that its loss changes nothing. */
function withIdleLayer(): Model {
  const model = tinyModel({ layers: 3 });
  return {
    ...model,
    weights: {
      async read(name) {
        const values = await model.weights.read(name);
        const writes = /layers\.1\.(self_attn\.o_proj|mlp\.down_proj)\./.test(name);
        return writes ? values.map(() => 0) : values;
      },
    },
  };
}

/** Results of the tiny model without these layers, by one load of it. */
async function resultsWithout(evaluator: Evaluator, gone: readonly (readonly number[])[]): Promise<readonly Json[]> {
  const model = tinyModel();
  const text = evaluationContext(model, await tinyText(), context);
  const runner = await createRunner(model, context);
  try {
    const found: Json[] = [];
    for (const layers of gone) {
      const mask = withoutHalves(model.architecture, { attention: layers, feedForward: layers });
      found.push(await evaluator.evaluate(maskedRunner(runner, mask), text, tools));
    }
    return found;
  } finally {
    await runner.dispose();
  }
}

/** The suite's checks. */
export function evaluatorChecks(
  evaluator: Evaluator,
  { repeatable = true }: EvaluatorPromises = {},
): readonly StrategyCheck[] {
  const all: StrategyCheck[] = [
    {
      title: 'gives a result that survives JSON',
      async run() {
        const [result = null] = await resultsWithout(evaluator, [[]]);
        expect(JSON.parse(JSON.stringify(result))).toEqual(result);
      },
    },
  ];
  if (repeatable) {
    all.push({
      title: 'gives the same result for the same model, whatever it measured before',
      async run() {
        const [first, , again] = await resultsWithout(evaluator, [[], [0], []]);
        expect(again).toEqual(first);
        expect(await resultsWithout(evaluator, [[]])).toEqual([first]);
      },
    });
  }
  return evaluator.objective === undefined ? all : [...all, ...objectiveChecks(evaluator)];
}

function objectiveChecks(evaluator: Evaluator): readonly StrategyCheck[] {
  return [
    {
      title: 'has an objective that is finite, and lower for the whole model than for one without any layer',
      async run() {
        const results = await resultsWithout(evaluator, [[], [0, 1]]);
        const [whole = NaN, none = NaN] = results.map((own) => evaluator.objective?.(own));
        expect([whole, none].filter((own) => !Number.isFinite(own))).toEqual([]);
        expect(whole).toBeLessThan(none);
      },
    },
    {
      title: 'finds that a layer which adds nothing is worth nothing, and that it is not so of all',
      async run() {
        const { scores } = await measureDepth(withIdleLayer(), evaluator, await tinyText(), {}, context, tools);
        expect(scores.layers?.[idle]).toBeCloseTo(0, 6);
        expect(scores.layers?.filter((score) => Math.abs(score) > 1e-6)).not.toEqual([]);
      },
    },
  ];
}

/**
 * Declares the suite's tests, on a tiny model in float64: a result that survives JSON and, where `repeatable`, is the same again; an
 * objective that is lower for the whole model than without its layers, and unmoved by a layer that adds nothing.
 */
export function describeEvaluator(evaluator: Evaluator, promises: EvaluatorPromises = {}): void {
  declareChecks(`evaluator ${evaluator.name}`, evaluatorChecks(evaluator, promises));
}
