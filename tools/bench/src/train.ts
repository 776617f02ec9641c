// `npm run bench:train`: one training step of a small Llama on the default backend. Prints tokens/s, GFLOP/s of the matrix
// products actually run (counted in the compiled graph), and their share of this machine's matmul rate in the same run.
import {
  hostFloats,
  hostIntegers,
  matmulFlops,
  random,
  trainProgram,
  trainStateTypes,
  type Architecture,
  type TrainStepOptions,
} from '@espalier/core';
import { ortBackend } from '@espalier/backend-ort';
import { adamw, crossEntropyLoss, llama } from '@espalier/plugins';
import { matmulRate } from './matmul-rate.js';

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

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

async function main(): Promise<void> {
  const profile = process.env['ESPALIER_PROFILE'];
  const backend = ortBackend(profile === undefined ? {} : { profile });
  const optimizer = adamw();
  const options: TrainStepOptions = {
    student: { family: llama(), architecture },
    losses: [{ term: crossEntropyLoss(), weight: 1 }],
    optimizer,
    clipNorm: 1,
    batch: BATCH,
    length: LENGTH,
  };
  const stream = random(1);
  const state = await backend.createState(trainStateTypes(options, { accumulate: false }));
  for (const spec of llama().weights(architecture)) {
    const type = state.types[`student/${spec.name}`];
    if (type === undefined) continue;
    const count = type.shape.reduce((a, b) => a * b, 1);
    const values = Float32Array.from({ length: count }, () => (spec.kind === 'norm' ? 1 : 0.02 * stream.normal()));
    await state.write({ [`student/${spec.name}`]: hostFloats(values, type.shape) });
  }
  const program = trainProgram(options);
  const executable = await backend.compile(program);
  const ids = (): number[] => Array.from({ length: BATCH * LENGTH }, () => stream.integer(architecture.sizes.vocab));
  const batch = {
    ids: hostIntegers(ids(), [BATCH, LENGTH]),
    targets: hostIntegers(ids(), [BATCH, LENGTH]),
    weights: hostFloats(1, [BATCH, LENGTH]),
  };
  let step = 0;
  const run = async (): Promise<number> => {
    step += 1;
    const scalars = Object.entries(optimizer.scalars(step, 1e-3));
    const fed = scalars.map(([name, value]) => [`optimizer/${name}`, hostFloats(value, [])] as const);
    const { loss } = await executable.run({ ...batch, ...Object.fromEntries(fed) }, state);
    return loss?.data[0] ?? NaN;
  };
  for (let i = 0; i < WARMUP_STEPS; i++) await run();

  const peaks: number[] = [];
  const seconds: number[] = [];
  let loss = NaN;
  for (let round = 0; round < ROUNDS; round++) {
    peaks.push(await matmulRate(backend));
    const start = performance.now();
    for (let i = 0; i < STEPS_PER_ROUND; i++) loss = await run();
    seconds.push((performance.now() - start) / 1000 / STEPS_PER_ROUND);
  }
  const flops = matmulFlops(program);
  const shares = seconds.map((own, round) => flops / own / (peaks[round] ?? NaN));
  const time = median(seconds);
  console.log(
    JSON.stringify({
      millisecondsPerStep: Math.round(time * 1000),
      tokensPerSecond: Math.round((BATCH * LENGTH) / time),
      matmulGflopPerStep: Number((flops / 1e9).toFixed(2)),
      gflopPerSecond: Math.round(flops / time / 1e9),
      machineMatmulGflopPerSecond: Math.round(median(peaks) / 1e9),
      shareOfMatmulRate: Number(median(shares).toFixed(3)),
      loss: Number(loss.toFixed(4)),
    }),
  );
  await executable.dispose();
  await state.dispose();
}

await main();
