// Layers named by a target: just these stay, whatever the scores say.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createBench, runCaptured, type Bench } from './testing/cli-run.js';

let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
});
afterAll(() => bench.remove());

interface Plan {
  readonly layers: readonly number[];
  readonly withoutAttention?: readonly number[];
  readonly withoutFeedForward?: readonly number[];
}

/** The plan that a run of the command with this target makes. */
async function planOf(target: string): Promise<Plan> {
  const run = join(bench.folder, `run-${target.replace(/\W/g, '-')}`);
  const { code, stderr } = await bench.compress({ target, run, out: `${run}-out`, tokens: '64' });
  expect(code, stderr).toBe(0);
  const plan = JSON.parse(await planText(run)) as { plan?: Plan } & Plan;
  return plan.plan ?? plan;
}

async function planText(run: string): Promise<string> {
  const files = (await readdir(run, { recursive: true })).filter((name) => name.endsWith('plan.json'));
  return readFile(join(run, files[0] ?? 'no plan.json'), 'utf8');
}

test.each([
  ['keepLayers=0,2', [0, 2]],
  ['keepLayers=1-2', [1, 2]],
  ['drop_layers=0', [1, 2]],
  ['dropLayers=2', [0, 1]],
])('%s leaves just these layers', async (target, layers) => {
  expect((await planOf(target)).layers).toEqual(layers);
});

test('a pruner that cannot leave just these layers is refused', async () => {
  const recipe = {
    model: bench.model,
    data: bench.text,
    steps: [
      {
        name: 'ends',
        target: 'dropLayers=0,2',
        pruner: { name: 'depth', contiguous: true },
        importance: { samples: 4, batch: 4, length: 16 },
        distillation: { tokens: 64, batch: 4, length: 16 },
      },
    ],
  };
  const path = join(bench.folder, 'contiguous.json');
  await writeFile(path, JSON.stringify(recipe));
  const { code, stderr } = await runCaptured('compress', '--recipe', path, '--run', join(bench.folder, 'contiguous'));
  expect(stderr).toContain(
    'prune the layers that the target names with depth in step "ends": its plan differs at layer',
  );
  expect(code).toBe(2);
});

test('halves of layers are named likewise', async () => {
  const plan = await planOf('dropAttention=0,dropFeedForward=1-2');
  expect(plan).toMatchObject({ layers: [0, 1, 2], withoutAttention: [0], withoutFeedForward: [1, 2] });
});
