// `npm run bench:calibrate`: what calibration costs. The bundled teacher reads 1,024 samples of 256 tokens; before each batch
// of the calibration a plain forward pass over the same batch is timed (logits computed and left on the device, nothing
// else), so that other users of the machine disturb both alike. Compilation and the first batches are left out. ESPALIER_BATCH and
// ESPALIER_SAMPLES change the sequences in a batch and in the sample.
import { fileURLToPath } from 'node:url';
import {
  collectStatistics,
  createRunner,
  loadModel,
  random,
  runnerWeights,
  ofSize,
  sourceBatches,
  type ImportanceScorer,
  type Model,
  type TokenBatch,
} from '@espalier/core';
import { hostIntegers, input, program, type Program } from '@espalier/core/graph';
import { ortBackend } from '@espalier/backend-ort';
import { activationScorer, blockInfluenceScorer, llama, tinyTalesAssets, tinyTalesSource } from '@espalier/plugins';

const SAMPLES = Number(process.env['ESPALIER_SAMPLES'] ?? 1024);
const WARMUP_BATCHES = 4;
const size = { batch: Number(process.env['ESPALIER_BATCH'] ?? 4), length: 256 };
const context = { backend: ortBackend(), random: random(1) };

const kinds: readonly { readonly name: string; readonly scorers: readonly ImportanceScorer[] }[] = [
  { name: 'all nine aggregations', scorers: [activationScorer()] },
  { name: 'all nine, and block influence', scorers: [activationScorer(), blockInfluenceScorer()] },
  { name: 'one aggregation (L2, mean)', scorers: [activationScorer({ moments: 'needed' })] },
];

function plainProgram(model: Model): Program {
  const ids = input('ids', [size.batch, size.length], 'int32');
  const logits = model.family.forward(model.architecture, { ids, weight: runnerWeights(model) });
  return program('forward', { next: { logits } });
}

/** Seconds of all measured batches, of plain passes and of calibration. */
async function measure(model: Model, scorers: readonly ImportanceScorer[]): Promise<readonly [number, number]> {
  const plain = plainProgram(model);
  const { sizes } = model.architecture;
  const logits = { shape: [size.batch * size.length, sizes.vocab], dtype: 'float32' } as const;
  const runner = await createRunner(model, context, { logits });
  let seconds: [number, number] = [0, 0];
  async function* batches(): AsyncGenerator<TokenBatch> {
    const text = await tinyTalesSource().open({ ...context, teacher: model, length: size.length });
    const documents = text.training(context.random);
    let count = 0;
    for await (const batch of sourceBatches(tinyTalesSource(), documents, size)) {
      const start = performance.now();
      await runner.run(plain, { ids: hostIntegers(batch.ids, [size.batch, size.length]) });
      const between = performance.now();
      yield batch;
      const [first, second] = [between - start, performance.now() - between];
      count += 1;
      if (count > WARMUP_BATCHES) seconds = [seconds[0] + first / 1000, seconds[1] + second / 1000];
    }
  }
  const tools = { report: () => undefined, signal: new AbortController().signal };
  // The time of a batch is known when the next one is asked for: one more is read than is measured.
  const samples = SAMPLES + (WARMUP_BATCHES + 1) * size.batch;
  await collectStatistics(model, { scorers, samples, data: ofSize(batches(), size) }, context, tools);
  await runner.dispose();
  return seconds;
}

const loaded = await loadModel(fileURLToPath(tinyTalesAssets), [llama()]);
for (const { name, scorers } of kinds) {
  const [plain, calibration] = await measure(loaded.model, scorers);
  const tokens = SAMPLES * size.length;
  console.log(
    JSON.stringify({
      kept: name,
      plainSeconds: Number(plain.toFixed(2)),
      calibrationSeconds: Number(calibration.toFixed(2)),
      ratio: Number((calibration / plain).toFixed(3)),
      tokensPerSecond: Math.round(tokens / calibration),
    }),
  );
}
await loaded.close();
