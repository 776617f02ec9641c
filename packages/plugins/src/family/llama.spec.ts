// The float64 reference run of the Llama graph against transformers (tools/oracle/tiny-llama.py, float32). ONNX Runtime is
// held to the same numbers in @espalier/cli.
import { readFile } from 'node:fs/promises';
import { createRunner, inverseFrequencies, runnerWeights, type Model } from '@espalier/core';
import {
  hostIntegers,
  input,
  logSoftmax,
  program,
  referenceBackend,
  type HostTensors,
  type Tensor,
} from '@espalier/core/graph';
import { expectClose, fixtureModel, unpack, type PackedTensor } from '@espalier/testing';
import { describe, expect, test } from 'vitest';
import { fixture } from '../testing/tiny-llama.js';
import { llama } from './llama.js';

interface Golden {
  readonly ids: readonly (readonly number[])[];
  readonly inverseFrequencies: readonly number[];
  readonly crossEntropy: number;
  readonly logits: PackedTensor;
  readonly hiddenStatesOfRow0: Readonly<Record<string, PackedTensor>>;
}

/** Logits, log-probabilities and the hidden states under the golden file's names. */
async function forward(model: Model, ids: Golden['ids']): Promise<HostTensors> {
  const shape = [ids.length, ids[0]?.length ?? 0];
  const hidden: Record<string, Tensor> = {};
  const logits = llama().forward(model.architecture, {
    ids: input('ids', shape, 'int32'),
    weight: runnerWeights(model),
    tap(name, value, layer) {
      if (name === 'embedding' || name === 'finalNorm') hidden[name] = value;
      if (name === 'blockOutput') hidden[`layer.${layer ?? ''}`] = value;
      return value;
    },
  });
  const runner = await createRunner(model, { backend: referenceBackend() });
  const outputs = { ...hidden, logits, logProbabilities: logSoftmax(logits) };
  const results = await runner.run(program('golden', { outputs }), { ids: hostIntegers(ids.flat(), shape) });
  await runner.dispose();
  return results;
}

describe.each(['tiny-llama', 'tiny-llama-tied'])('%s', (folder) => {
  const golden = async (): Promise<Golden> =>
    JSON.parse(await readFile(fixture(`${folder}/golden.json`), 'utf8')) as Golden;

  test.each(['config.json', 'config.v4.json'])('with %s gives the logits of transformers', async (config) => {
    const { ids, logits } = await golden();
    const actual = await forward(await fixtureModel(fixture(folder), llama(), config), ids);
    expectClose(actual['logits']?.data ?? [], unpack(logits));
  });

  test('has the hidden states of transformers at every tap', async () => {
    const { ids, hiddenStatesOfRow0 } = await golden();
    const actual = await forward(await fixtureModel(fixture(folder), llama()), ids);
    expect(Object.keys(hiddenStatesOfRow0).length).toBeGreaterThan(2);
    for (const [name, packed] of Object.entries(hiddenStatesOfRow0)) {
      const expected = unpack(packed);
      expectClose(actual[name]?.data.subarray(0, expected.length) ?? [], expected, 1e-5, name);
    }
  });

  test('has the cross-entropy of transformers', async () => {
    const { ids, crossEntropy } = await golden();
    const { logProbabilities } = await forward(await fixtureModel(fixture(folder), llama()), ids);
    const length = ids[0]?.length ?? 0;
    const width = (logProbabilities?.data.length ?? 0) / ids.flat().length;
    const losses = ids.flatMap((row, index) =>
      row.slice(1).map((id, position) => -(logProbabilities?.data[(index * length + position) * width + id] ?? NaN)),
    );
    const mean = losses.reduce((a, b) => a + b) / losses.length;
    expect(mean).toBeCloseTo(crossEntropy, 5);
  });

  test('turns by the frequencies of transformers', async () => {
    const { architecture } = await fixtureModel(fixture(folder), llama());
    const actual = inverseFrequencies(architecture.rope, architecture.sizes.headDim);
    expectClose(actual, (await golden()).inverseFrequencies, 1e-7);
  });
});
