// `npm run bench:memory -- --shape 135m`: training steps of a public shape from random weights, in a process of their own; with
// `--teacher` it learns from a teacher of that shape. Prints how long the session takes, how long a step, and the memory that is held
// between steps and at the worst moment, in bytes a parameter, beside what `plan` predicts; and how long timers had to wait meanwhile.
import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { modelParameters, stepBytes } from '@espalier/core';
import { ortBackend } from '@espalier/backend-ort';
import { llama } from '@espalier/plugins';
import { shapeNamed } from './shapes.js';
import { median, startTraining, trainingOptions } from './training.js';

const MIB = 2 ** 20;

/** Bytes of this process in memory now, and at most so far where the system says (Linux). */
function memory(): { readonly now: number; readonly most: number | null } {
  try {
    const status = readFileSync('/proc/self/status', 'utf8');
    const most = /VmHWM:\s+(\d+) kB/.exec(status)?.[1];
    return { now: process.memoryUsage.rss(), most: most === undefined ? null : Number(most) * 1024 };
  } catch {
    return { now: process.memoryUsage.rss(), most: null };
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      shape: { type: 'string', default: '135m' },
      batch: { type: 'string', default: '1' },
      length: { type: 'string', default: '512' },
      steps: { type: 'string', default: '3' },
      teacher: { type: 'string' },
    },
  });
  const architecture = shapeNamed(values.shape);
  const { parameters } = modelParameters({ family: llama(), architecture });
  const before = memory().now;
  const start = performance.now();
  const size = {
    architecture,
    batch: Number(values.batch),
    length: Number(values.length),
    ...(values.teacher === undefined ? {} : { teacher: shapeNamed(values.teacher) }),
  };
  const training = await startTraining(ortBackend(), size);
  const seconds = (performance.now() - start) / 1000;
  const times: number[] = [];
  let loss = NaN;
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  for (let step = 0; step < Number(values.steps); step++) {
    const begin = performance.now();
    loss = await training.step();
    times.push((performance.now() - begin) / 1000);
  }
  delay.disable();
  const { now, most } = memory();
  console.log(
    JSON.stringify({
      shape: values.shape,
      parameters,
      secondsToStart: Number(seconds.toFixed(2)),
      sessionSeconds: Number(training.sessionSeconds.toFixed(2)),
      secondsPerStep: Number(median(times).toFixed(3)),
      // The longest that timers waited while steps ran.
      eventLoopGapMilliseconds: Math.round(delay.max / 1e6),
      loss: Number(loss.toFixed(4)),
      mebibytes: {
        before: Math.round(before / MIB),
        after: Math.round(now / MIB),
        most: most && Math.round(most / MIB),
        predicted: Math.round(stepBytes(trainingOptions(size)).total / MIB),
      },
      bytesPerParameter: {
        after: Number(((now - before) / parameters).toFixed(1)),
        most: most && Number(((most - before) / parameters).toFixed(1)),
      },
    }),
  );
  await training.close();
}

await main();
