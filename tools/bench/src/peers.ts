// `npm run bench:peers -- --python PYTHON [--shape 8.5m] [--job train]`: the same work here and in PyTorch and transformers (see
// tools/oracle/README.md for that Python), in turns on the same weights and text. Prints, for each job, the time of the other over
// ours: above 1 we are faster. The interval holds the median of such ratios with a probability of at least 95%.
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { loadModel, type Model } from '@espalier/core';
import type { Backend } from '@espalier/core/graph';
import { ortBackend } from '@espalier/backend-ort';
import { llama } from '@espalier/plugins';
import { medianInterval } from './median-interval.js';
import { ownJobs } from './own-jobs.js';
import { startPeer, type Peer, type Timed } from './peer.js';
import { shapeNamed } from './shapes.js';
import { median, type TrainingSize } from './training.js';
import { bundledTokenizer, writeCheckpoint } from './write-checkpoint.js';

/** Sequences of a batch and tokens of a sequence, where a job reads batches. */
const SIZES: Readonly<Record<string, readonly [number, number]>> = {
  '8.5m': [8, 256],
  '25m': [8, 256],
  '88m': [2, 512],
  '135m': [1, 512],
};
/** Milliseconds after which the threads of either side no longer wait for work. */
const PAUSE = 100;
const WARMUP = 2;

const { values } = parseArgs({
  options: {
    python: { type: 'string' },
    allocator: { type: 'string' },
    shape: { type: 'string', default: '8.5m' },
    job: { type: 'string', multiple: true, default: Object.keys(ownJobs) },
    rounds: { type: 'string', default: '10' },
    'no-compile': { type: 'boolean', default: false },
  },
});

/** A job in turns with each of the other side's. */
async function compare(backend: Backend, model: Model, size: TrainingSize, peer: Peer, job: string): Promise<void> {
  const start = ownJobs[job];
  if (start === undefined) throw new RangeError(`--job is one of ${Object.keys(ownJobs).join(', ')}`);
  const compiled = job === 'train' || job === 'distil';
  const names = compiled && !values['no-compile'] ? [job, `${job}-compiled`] : [job];
  for (const name of names) {
    const own = await start(backend, model, size);
    const once = async (): Promise<readonly [Timed, Timed]> => {
      await setTimeout(PAUSE);
      const begin = performance.now();
      const value = await own.run();
      const ours = { seconds: (performance.now() - begin) / 1000, value };
      await setTimeout(PAUSE);
      return [ours, await peer.run(name)];
    };
    const first = await once();
    checkEqual(name, ...first);
    for (let i = 1; i < WARMUP; i++) await once();
    const rounds: (readonly [Timed, Timed])[] = [];
    for (let i = 0; i < Number(values.rounds); i++) rounds.push(await once());
    const ratios = rounds.map(([ours, other]) => other.seconds / ours.seconds);
    console.log(
      JSON.stringify({
        shape: values.shape,
        job: name,
        ours: Number(median(rounds.map(([{ seconds }]) => seconds)).toFixed(4)),
        other: Number(median(rounds.map(([, { seconds }]) => seconds)).toFixed(4)),
        ratio: Number(median(ratios).toFixed(3)),
        interval: medianInterval(ratios)?.map((ratio) => Number(ratio.toFixed(3))) ?? null,
        rounds: rounds.length,
        firstValues: first.map(({ value }) => value),
      }),
    );
    await own.close();
  }
}

/** Throws where the two sides do not compute the same: their times would say nothing. */
function checkEqual(job: string, { value: ours }: Timed, { value: other }: Timed): void {
  if (ours === other || (ours !== null && other !== null && Math.abs(ours - other) <= 1e-4 * Math.abs(other))) return;
  throw new Error(`${job}: ${String(ours)} here, ${String(other)} there`);
}

async function main(): Promise<void> {
  const reads = SIZES[values.shape];
  if (values.python === undefined) throw new RangeError('--python names a Python that has PyTorch and transformers');
  if (reads === undefined) throw new RangeError(`--shape is one of ${Object.keys(SIZES).join(', ')}`);
  const [batch, length] = reads;
  const folder = await mkdtemp(join(tmpdir(), 'espalier-peers-'));
  try {
    const architecture = { ...shapeNamed(values.shape), contextLength: 2048 };
    await writeCheckpoint(folder, architecture, bundledTokenizer);
    const loaded = await loadModel(folder, [llama()]);
    const peer = startPeer(values.python, [folder, batch, length, availableParallelism()], values.allocator);
    try {
      const { allocator = "the C library's" } = values;
      console.log(
        JSON.stringify({ ...(await peer.versions()), allocator, threads: availableParallelism(), load: loadavg() }),
      );
      for (const job of values.job) {
        await compare(ortBackend(), loaded.model, { architecture, batch, length }, peer, job);
      }
    } finally {
      peer.close();
      await loaded.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

await main();
