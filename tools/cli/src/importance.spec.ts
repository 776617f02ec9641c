// Importance scores on ONNX Runtime, in float32, against PyTorch hooks on the same model (tools/oracle/importance.py). The
// float64 run of the reference backend is held to the same numbers in @espalier/plugins.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ortBackend } from '@espalier/backend-ort';
import {
  batchList,
  calibrate,
  openModelFolder,
  padRows,
  Pipeline,
  random,
  ranking,
  score,
  type Model,
} from '@espalier/core';
import { activationScorer, blockInfluenceScorer, llama } from '@espalier/plugins';
import { expect, test } from 'vitest';

interface Golden {
  /** [calls][batch][time] */
  readonly ids: readonly (readonly (readonly number[])[])[];
  readonly scores: {
    readonly ffn: readonly (readonly number[])[];
    readonly heads: readonly (readonly number[])[];
    readonly hidden: readonly number[];
    readonly blockInfluence: readonly number[];
  };
}

const fixtures = new URL('../../../packages/core/src/testing/fixtures/', import.meta.url);
const length = 24;

test('scores and rankings on ONNX Runtime are those of PyTorch', async () => {
  const golden = JSON.parse(await readFile(new URL('importance/golden.json', fixtures), 'utf8')) as Golden;
  const { checkpoint, config, path } = await openModelFolder(fileURLToPath(new URL('tiny-llama', fixtures)));
  try {
    const teacher: Model = {
      family: llama(),
      architecture: llama().readConfig(config),
      config,
      weights: { read: (name) => checkpoint.read(name) },
      tokenizer: {
        vocabularySize: 96,
        prefix: [],
        suffix: [],
        sampleStart: [],
        endTokens: [],
        hasToken: (id) => id < 96,
        encode: () => [],
        decode: () => '',
      },
      folder: path,
      storageTypes: new Map(),
    };
    const scorers = [activationScorer(), blockInfluenceScorer()];
    // padRows takes the last token as a target only: give each row one more.
    const data = golden.ids.map((rows) =>
      padRows(
        rows.map((row) => [...row, 0]),
        { batch: 2, length },
      ),
    );
    const { scores } = await Pipeline.of({ teacher }, { backend: ortBackend(), random: random(1) })
      .pipe(calibrate({ scorers, samples: 6, data: batchList(data) }), score(scorers))
      .run();
    const pairs = [
      ...golden.scores.ffn.map((own, layer) => [scores.ffn?.[layer], own] as const),
      ...golden.scores.heads.map((own, layer) => [scores.heads?.[layer], own] as const),
      [scores.hidden, golden.scores.hidden] as const,
      [scores.layers, golden.scores.blockInfluence] as const,
    ];
    for (const [actual = [], expected] of pairs) {
      expect(actual).toHaveLength(expected.length);
      actual.forEach((own, index) => expect(Math.abs(own / (expected[index] ?? NaN) - 1)).toBeLessThan(1e-4));
      expect(ranking(actual)).toEqual(ranking(expected));
    }
  } finally {
    await checkpoint.close();
  }
});
