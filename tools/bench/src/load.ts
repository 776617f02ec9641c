// `npm run bench:load`: the training of the bundled teacher's shape, once alone and twice side by side, in turn. Prints how
// many times longer each of the two takes (2 is the best that two runs on all cores can have), and how far the rounds differ.
// `-- --threads N` gives each run that many threads.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Architecture } from '@espalier/core';
import { ortBackend } from '@espalier/backend-ort';
import { median, startTraining } from './training.js';

/** The bundled teacher's, as `recipes/tinytales-teacher.yaml` has it. */
const architecture: Architecture = {
  family: 'llama',
  layers: 5,
  sizes: { vocab: 384, hidden: 128, ffn: 344, heads: 8, kvHeads: 4, headDim: 32 },
  tiedEmbeddings: true,
  normEpsilon: 1e-5,
  rope: { theta: 10000, scaling: { type: 'default' } },
  contextLength: 512,
  biases: [],
};
const WARMUP_STEPS = 3;
const STEPS = 8;
const ROUNDS = 9;

const { values } = parseArgs({ options: { threads: { type: 'string' } } });
const threads = values.threads === undefined ? {} : { threads: Number(values.threads) };

/** A process that trains: whenever it is told to, it runs its steps and tells how many milliseconds a step took. */
async function train(): Promise<void> {
  const training = await startTraining(ortBackend(threads), { architecture, batch: 4, length: 256 });
  const steps = async (count: number): Promise<number> => {
    const start = performance.now();
    for (let i = 0; i < count; i++) await training.step();
    return (performance.now() - start) / count;
  };
  await steps(WARMUP_STEPS);
  process.on('message', () => void steps(STEPS).then((own) => process.send?.(own)));
  process.send?.(0);
}

async function answer(child: ChildProcess): Promise<number> {
  const answers: readonly unknown[] = await once(child, 'message');
  const [given] = answers;
  if (typeof given !== 'number') throw new Error('the process that trains gave no time');
  return given;
}

async function compare(): Promise<void> {
  const start = (): ChildProcess => fork(fileURLToPath(import.meta.url), process.argv.slice(2));
  const [first, second] = [start(), start()];
  await Promise.all([answer(first), answer(second)]);
  const time = (child: ChildProcess): Promise<number> => {
    child.send('go');
    return answer(child);
  };
  const rounds: { readonly alone: number; readonly both: number }[] = [];
  const load = loadavg()[0];
  for (let round = 0; round < ROUNDS; round++) {
    const alone = await time(first);
    rounds.push({ alone, both: Math.max(...(await Promise.all([time(first), time(second)]))) });
  }
  first.kill();
  second.kill();
  const ratios = rounds.map(({ alone, both }) => both / alone).sort((a, b) => a - b);
  console.log(
    JSON.stringify({
      cores: availableParallelism(),
      loadBefore: load,
      ...threads,
      millisecondsPerStepAlone: Math.round(median(rounds.map(({ alone }) => alone))),
      millisecondsPerStepOfTwo: Math.round(median(rounds.map(({ both }) => both))),
      ratio: Number(median(ratios).toFixed(2)),
      ratios: ratios.map((own) => Number(own.toFixed(2))),
    }),
  );
}

await (process.send === undefined ? compare() : train());
