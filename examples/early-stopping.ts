// A run that an operator ends: unsubscribing cancels it cleanly, wherever it is.
import { distil, Pipeline } from '@espalier/core';
import { adamw, cosine, crossEntropyLoss } from '@espalier/plugins';
import { filter, lastValueFrom, map, pairwise, takeWhile, bufferCount, count } from 'rxjs';
import { bundledTeacher, context, size, text } from './setting.js';

const teacher = await bundledTeacher();
const run = context();
const wanted = 10_000 * size.batch * size.length; // more than anybody would wait for
const events = Pipeline.of({ teacher, student: teacher }, run).pipe(
  distil({
    losses: [{ term: crossEntropyLoss(), weight: 1 }],
    optimizer: adamw(),
    schedule: cosine({ peak: 1e-4 }),
    tokens: wanted,
    ...size,
    data: text(teacher, run),
  }),
).events;

const steps = await lastValueFrom(
  events.pipe(
    filter((event) => event.type === 'metric'),
    filter(({ name }) => name === 'loss'),
    map(({ value }) => value),
    bufferCount(5),
    map((five) => five.reduce((a, b) => a + b, 0) / five.length),
    pairwise(),
    takeWhile(([before, after]) => after < before, true), // the mean of five steps still falls
    count(),
  ),
);
console.log(`stopped after ${5 * (steps + 1)} steps of 10,000`);
