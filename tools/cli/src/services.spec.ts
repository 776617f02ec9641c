// A plugin's class asks for what a run offers, and gets it from the command line: logger, random stream, backend, run folder.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createBench, type Bench } from './testing/cli-run.js';
import { buildCommand, runProcess } from './testing/process.js';

let bench: Bench;
beforeAll(async () => {
  await buildCommand();
  bench = await createBench();
  await writeFile(join(bench.folder, 'drawn.ts'), plugin);
});
afterAll(() => bench.remove());

const plugin = `
import 'reflect-metadata';
import { definePlugin, runTokens, strategy, type Logger, type Observed, type Random } from '@espalier/core';
import { type Backend } from '@espalier/core/graph';
import { inject, injectable } from 'tsyringe';
@injectable()
class Drawn {
  readonly name = 'drawn';
  readonly summary = 'random numbers for layers, from the stream of the run';
  constructor(
    @inject(runTokens.logger) private readonly logger: Logger,
    @inject(runTokens.random) private readonly random: Random,
    @inject(runTokens.backend) private readonly backend: Backend,
    @inject(runTokens.runFolder) private readonly folder: string,
  ) {}
  observe() { return []; }
  score({ architecture }: Observed) {
    const stream = this.random.fork('drawn');
    this.logger.info(\`scores on \${this.backend.name} for \${this.folder}\`);
    return { layers: Array.from({ length: architecture.layers }, () => stream.uniform()) };
  }
}
export default definePlugin({ name: 'drawn', provides: [strategy('scorer', { name: 'drawn', summary: '', use: Drawn })] });
`;

const size = { batch: 4, length: 16 };

async function scores(name: string, seed: number): Promise<readonly number[]> {
  const recipe = {
    model: bench.model,
    data: bench.text,
    seed,
    plugins: ['./drawn.ts'],
    steps: [
      {
        name: 's',
        target: 'layers=2',
        search: 'depth',
        pruner: 'depth',
        importance: { scorers: ['drawn'], samples: 4, ...size },
      },
    ],
  };
  const path = join(bench.folder, `${name}.json`);
  await writeFile(path, JSON.stringify(recipe));
  const run = join(bench.folder, name);
  const { code, stderr } = await runProcess(['score', run, '--recipe', path, '--trust']);
  expect(code, stderr).toBe(0);
  expect(stderr).toContain(`scores on ort for ${run}`);
  const text = await readFile(join(run, 'stages', 's', 'score', 'scores.json'), 'utf8');
  return (JSON.parse(text) as { layers: readonly number[] }).layers;
}

test('a class with @inject scores with the logger, stream, backend and folder of its run', async () => {
  const first = await scores('one', 7);
  expect(await scores('two', 7)).toEqual(first);
  expect(await scores('three', 8)).not.toEqual(first);
});
