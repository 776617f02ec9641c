// `npm run study`: every experiment under every seed, one table. Prints Markdown; numbers of each seed go to runs/study/results.json.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Experiment, Numbers } from './experiment.js';
import { aggregationTable, iterativeImportance } from './importance-experiments.js';
import { createLab } from './lab.js';
import { studyTable, type Result } from './report.js';
import {
  depthLosses,
  oneStepOrTwo,
  startAndLoss,
  teacherCorrection,
  tokensSaved,
  widthLosses,
  widthOrDepth,
} from './training-experiments.js';
import { present } from '@espalier/core';

const experiments: readonly Experiment[] = [
  aggregationTable,
  iterativeImportance,
  widthOrDepth,
  startAndLoss,
  widthLosses,
  depthLosses,
  oneStepOrTwo,
  teacherCorrection,
  tokensSaved,
];

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '3' },
    tokens: { type: 'string', default: '200000' },
    samples: { type: 'string', default: '256' },
    only: { type: 'string' },
    threads: { type: 'string' },
    out: { type: 'string', default: 'runs/study' },
  },
});
const seeds = Array.from({ length: Number(values.seeds) }, (_, index) => index + 1);
const chosen = experiments.filter(({ name }) => values.only === undefined || name.includes(values.only));
const numbers = new Map<string, Readonly<Record<string, Numbers>>[]>(chosen.map(({ name }) => [name, []]));

const budget = { tokens: Number(values.tokens), samples: Number(values.samples) };
const threads = values.threads === undefined ? {} : { threads: Number(values.threads) };
await mkdir(values.out, { recursive: true });
for (const seed of seeds) {
  const lab = await createLab(seed, { ...budget, ...threads });
  for (const experiment of chosen) {
    const began = performance.now();
    present(numbers.get(experiment.name), experiment.name).push(await experiment.run(lab));
    const seconds = ((performance.now() - began) / 1000).toFixed(0);
    process.stderr.write(`seed ${seed} · ${experiment.name} · ${seconds} s\n`);
  }
  await lab.close();
  // After every seed, so that a study that is broken off is not lost.
  await writeFile(
    path.join(values.out, 'results.json'),
    `${JSON.stringify({ ...values, results: soFar() }, null, 2)}\n`,
  );
}
process.stdout.write(`${studyTable(soFar())}\n`);

function soFar(): readonly Result[] {
  return chosen.map(({ name, claim }) => ({ name, claim, seeds: present(numbers.get(name), name) }));
}
