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
    out: { type: 'string', default: 'runs/study' },
  },
});
const seeds = Array.from({ length: Number(values.seeds) }, (_, index) => index + 1);
const chosen = experiments.filter(({ name }) => values.only === undefined || name.includes(values.only));
const numbers = new Map<string, Readonly<Record<string, Numbers>>[]>(chosen.map(({ name }) => [name, []]));

for (const seed of seeds) {
  const lab = await createLab(seed, { tokens: Number(values.tokens), samples: Number(values.samples) });
  for (const experiment of chosen) {
    const began = performance.now();
    numbers.get(experiment.name)?.push(await experiment.run(lab));
    const seconds = ((performance.now() - began) / 1000).toFixed(0);
    process.stderr.write(`seed ${seed} · ${experiment.name} · ${seconds} s\n`);
  }
  await lab.close();
}
const results: readonly Result[] = chosen.map(({ name, claim }) => ({ name, claim, seeds: numbers.get(name) ?? [] }));
await mkdir(values.out, { recursive: true });
await writeFile(path.join(values.out, 'results.json'), `${JSON.stringify({ ...values, results }, null, 2)}\n`);
process.stdout.write(`${studyTable(results)}\n`);
