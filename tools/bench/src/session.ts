// `npm run bench:session -- --shape 135m`: seconds that the program of a training step takes to be made and to be compiled, again and
// again; nothing is allocated for its weights and nothing is run.
import { parseArgs } from 'node:util';
import { trainProgram } from '@espalier/core';
import { ortBackend } from '@espalier/backend-ort';
import { shapeNamed } from './shapes.js';
import { median, trainingOptions } from './training.js';

const { values } = parseArgs({
  options: {
    shape: { type: 'string', default: '135m' },
    batch: { type: 'string', default: '1' },
    length: { type: 'string', default: '512' },
    times: { type: 'string', default: '5' },
  },
});
const architecture = shapeNamed(values.shape);
const options = trainingOptions({ architecture, batch: Number(values.batch), length: Number(values.length) });
const backend = ortBackend();
const times: { readonly made: number; readonly compiled: number }[] = [];
for (let time = 0; time < Number(values.times); time++) {
  const start = performance.now();
  const program = trainProgram(options);
  const between = performance.now();
  const executable = await backend.compile(program);
  times.push({ made: (between - start) / 1000, compiled: (performance.now() - between) / 1000 });
  await executable.dispose();
}
const of = (kind: 'made' | 'compiled'): object => {
  const own = times.map((time) => time[kind]);
  return { median: median(own), least: Math.min(...own), most: Math.max(...own) };
};
console.log(
  JSON.stringify({ shape: values.shape, layers: architecture.layers, made: of('made'), compiled: of('compiled') }),
);
