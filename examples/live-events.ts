// A live consumer of the event stream: what a run tells is data, and rxjs operators read it.
import { calibrate, distil, Pipeline, parseTarget, prune, score, search } from '@espalier/core';
import {
  activationScorer,
  adamw,
  cosine,
  forwardKlLoss,
  proportionalWidthSearch,
  widthPruner,
} from '@espalier/plugins';
import { bufferCount, filter, lastValueFrom, map, share, tap, toArray } from 'rxjs';
import { bundledTeacher, context, size, text } from './setting.js';

const teacher = await bundledTeacher();
const run = context();
const scorers = [activationScorer()];
const events = Pipeline.of({ teacher }, run)
  .pipe(
    calibrate({ scorers, samples: 16, data: text(teacher, run) }),
    score(scorers),
    search(proportionalWidthSearch(), parseTarget('50%')),
    prune(widthPruner()),
    distil({
      losses: [{ term: forwardKlLoss(), weight: 1 }],
      optimizer: adamw(),
      schedule: cosine({ peak: 2e-3 }),
      tokens: 20 * size.batch * size.length,
      ...size,
      data: text(teacher, run),
    }),
  )
  .events.pipe(share());

const losses = events.pipe(
  filter((event) => event.type === 'metric'),
  filter(({ name }) => name === 'loss'),
  map(({ value }) => value),
  bufferCount(5),
  map((five) => five.reduce((a, b) => a + b, 0) / five.length),
  tap((mean) => console.log(`mean loss of five steps: ${mean.toFixed(3)}`)),
  toArray(),
);
const means = await lastValueFrom(losses);
console.log(`fell from ${means[0]?.toFixed(3)} to ${means.at(-1)?.toFixed(3)}`);
