// A device that gives up in the middle of a training: the message says what to lower, the checkpoint is kept, and the run goes on
// from it to the same bytes. The device is a plugin that works until it is told not to.
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createBench, type Bench } from './testing/cli-run.js';
import { buildCommand, runProcess } from './testing/process.js';

let bench: Bench;
beforeAll(async () => {
  await buildCommand();
  bench = await createBench();
});
afterAll(() => bench.remove());

const trouble = (): string => join(bench.folder, 'trouble');

const ort = new URL('../../../packages/backend-ort/dist/index.js', import.meta.url).href;

/** ONNX Runtime, whose fourth training step fails with the message in the file `trouble`, where there is one. */
const plugin = (file: string): string => `
import { existsSync, readFileSync } from 'node:fs';
import { definePlugin, strategy } from '@espalier/core';
import { deviceFailure } from '@espalier/core/graph';
import { ortBackend } from ${JSON.stringify(ort)};
let steps = 0;
function flakyBackend() {
  const sound = ortBackend({ threads: 1 });
  return {
    ...sound,
    name: 'flaky',
    async compile(program, device) {
      const made = await sound.compile(program, device);
      const run = async (inputs, state) => {
        if (program.name === 'train' && existsSync(${JSON.stringify(file)}) && ++steps % 4 === 0) {
          throw deviceFailure('flaky:cpu', program, 3 * 2 ** 30, new Error(readFileSync(${JSON.stringify(file)}, 'utf8')));
        }
        return made.run(inputs, state);
      };
      return { program, run, dispose: () => made.dispose() };
    },
  };
}
export default definePlugin({ name: 'flaky', provides: [strategy('backend', { name: 'flaky', summary: '', create: flakyBackend })] });
`;

const size = { batch: 4, length: 16 };

async function recipe(name: string): Promise<readonly string[]> {
  await writeFile(join(bench.folder, 'flaky.ts'), plugin(trouble()));
  const path = join(bench.folder, `${name}.json`);
  const step = { target: '70%', importance: { samples: 4, ...size }, distillation: { tokens: 6 * 64, ...size } };
  const text = { model: bench.model, data: bench.text, backend: 'flaky', plugins: ['./flaky.ts'], steps: [step] };
  const rest = { checkpoints: { everySteps: 1 }, export: { folder: join(bench.folder, `${name}-out`) } };
  await writeFile(path, JSON.stringify({ ...text, ...rest }));
  return ['compress', '--recipe', path, '--run', join(bench.folder, name), '--trust'];
}

const weights = (name: string): Promise<Buffer> => readFile(join(bench.folder, `${name}-out`, 'model.safetensors'));

test.each([
  ['device lost', 'the device was lost (the program needs about 3.0 GiB). Start again from the last checkpoint'],
  [
    'WebGPU: out of memory',
    'the device ran out of memory (the program needs about 3.0 GiB). Lower the batch from 4 to 2',
  ],
])(
  '%s midway: said with what to lower, and the run goes on from its checkpoint',
  async (message, said) => {
    const name = message.replaceAll(/\W/g, '');
    const command = await recipe(name);
    await writeFile(trouble(), message);
    const broken = await runProcess(command);
    await rm(trouble());
    expect(broken.code, broken.stderr).toBe(2);
    expect(broken.stderr).toContain(said);
    expect(broken.stderr).toContain(`espalier resume ${join(bench.folder, name)}`);
    expect(broken.stderr).not.toMatch(/\n\s+at /);
    const kept = await readdir(join(bench.folder, name, 'checkpoints', 'step-1', 'distilled'));
    expect(kept).toContain('step-000000003');
    const resumed = await runProcess(['resume', join(bench.folder, name)]);
    expect(resumed.code, resumed.stderr).toBe(0);
    const whole = await runProcess(await recipe(`${name}whole`));
    expect(whole.code, whole.stderr).toBe(0);
    expect((await weights(name)).equals(await weights(`${name}whole`))).toBe(true);
  },
  120_000,
);
