// The suite that every depth metric must pass. In a spec file: describeDepthMetric(myMetric), its data made of `tinyDocuments()`,
// which the tiny model that is measured here wrote itself.
import { expect } from 'vitest';
import {
  createRunner,
  maskedRunner,
  measureDepth,
  random,
  referenceBackend,
  withoutHalves,
  type DepthMetric,
  type Model,
  type StageTools,
} from '@espalier/core';
import { tinyModel } from './tiny-model.js';
import { declareChecks, type StrategyCheck } from './strategy-check.js';

const tools: StageTools = { report: () => undefined, signal: new AbortController().signal };
const idle = 1; // 0-based layer that adds nothing

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

/** Quality of the tiny model without these layers, by one load of it. */
async function qualities(metric: DepthMetric, gone: readonly (readonly number[])[]): Promise<readonly number[]> {
  const model = tinyModel();
  const context = { backend: referenceBackend(), random: random(1) };
  const runner = await createRunner(model, context);
  try {
    const found: number[] = [];
    for (const layers of gone) {
      const mask = withoutHalves(model.architecture, { attention: layers, feedForward: layers });
      found.push(await metric.quality(maskedRunner(runner, mask), context, tools));
    }
    return found;
  } finally {
    await runner.dispose();
  }
}

/** The suite's checks. */
export function depthMetricChecks(metric: DepthMetric): readonly StrategyCheck[] {
  return [
    {
      title: 'gives finite numbers, and leaves the model as it was for the next candidate',
      async run() {
        const [first = NaN, without = NaN, again = NaN] = await qualities(metric, [[], [0], []]);
        expect([first, without].filter((own) => !Number.isFinite(own))).toEqual([]);
        expect(again).toBe(first);
      },
    },
    {
      title: 'gives the same for the same model',
      run: async () => expect(await qualities(metric, [[], [1]])).toEqual(await qualities(metric, [[], [1]])),
    },
    {
      title: 'is higher for the whole model than for one without any layer, on text that the model wrote itself',
      async run() {
        const [whole = NaN, none = NaN] = await qualities(metric, [[], [0, 1]]);
        expect(whole).toBeGreaterThan(none);
      },
    },
    {
      title: 'finds that a layer which adds nothing costs nothing, and that it is not so of all',
      async run() {
        const context = { backend: referenceBackend(), random: random(1) };
        const { scores } = await measureDepth(withIdleLayer(), metric, {}, context, tools);
        expect(scores.layers?.[idle]).toBeCloseTo(0, 6);
        expect(scores.layers?.filter((score) => Math.abs(score) > 1e-6)).not.toEqual([]);
      },
    },
  ];
}

/**
 * Declares the suite's tests, on a tiny model in float64: finite, the same again, higher for the whole model than for one
 * without layers, and 0 lost with a layer that adds nothing.
 */
export function describeDepthMetric(metric: DepthMetric): void {
  declareChecks(`depth metric ${metric.name}`, depthMetricChecks(metric));
}
