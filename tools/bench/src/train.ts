// `npm run bench:train`: one training step of a small Llama on the default backend. Prints tokens/s, GFLOP/s of the matrix
// products actually run (counted in the compiled graph), and their share of this machine's matmul rate in the same run.
import { matmulFlops, type Architecture } from '@espalier/core';
import { ortBackend } from '@espalier/backend-ort';
import { matmulRate } from './matmul-rate.js';
import { median, startTraining } from './training.js';

const architecture: Architecture = {
  family: 'llama',
  layers: 6,
  sizes: { vocab: 8192, hidden: 256, ffn: 688, heads: 8, kvHeads: 4, headDim: 32 },
  tiedEmbeddings: false,
  normEpsilon: 1e-5,
  rope: { theta: 10000, scaling: { type: 'default' } },
  contextLength: 256,
  biases: [],
};
const BATCH = 8;
const LENGTH = 256;
const WARMUP_STEPS = 3;
const ROUNDS = 5;
const STEPS_PER_ROUND = 4;

async function main(): Promise<void> {
  const profile = process.env['ESPALIER_PROFILE'];
  const backend = ortBackend(profile === undefined ? {} : { profile });
  const training = await startTraining(backend, { architecture, batch: BATCH, length: LENGTH });
  for (let i = 0; i < WARMUP_STEPS; i++) await training.step();

  const rounds: { readonly peak: number; readonly seconds: number }[] = [];
  let loss = NaN;
  for (let round = 0; round < ROUNDS; round++) {
    const peak = await matmulRate(backend);
    const start = performance.now();
    for (let i = 0; i < STEPS_PER_ROUND; i++) loss = await training.step();
    rounds.push({ peak, seconds: (performance.now() - start) / 1000 / STEPS_PER_ROUND });
  }
  const flops = matmulFlops(training.program);
  const time = median(rounds.map(({ seconds }) => seconds));
  console.log(
    JSON.stringify({
      millisecondsPerStep: Math.round(time * 1000),
      tokensPerSecond: Math.round((BATCH * LENGTH) / time),
      matmulGflopPerStep: Number((flops / 1e9).toFixed(2)),
      gflopPerSecond: Math.round(flops / time / 1e9),
      machineMatmulGflopPerSecond: Math.round(median(rounds.map(({ peak }) => peak)) / 1e9),
      shareOfMatmulRate: Number(median(rounds.map(({ peak, seconds }) => flops / seconds / peak)).toFixed(3)),
      loss: Number(loss.toFixed(4)),
    }),
  );
  await training.close();
}

await main();
