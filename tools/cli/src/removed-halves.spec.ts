// A model without some attention and feed-forward blocks on its way to disk and back: other loaders see zeros in their places,
// ours knows that they are gone.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  applyPlan,
  checkReload,
  exportModel,
  exportTo,
  fullPlan,
  loadModel,
  Pipeline,
  type LoadedModel,
} from '@espalier/core';
import { tinyTalesAssets } from '@espalier/plugins';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createWorkbench } from '@espalier/run';

const bench = createWorkbench({ seed: 1 });
let folder: string;
let loaded: LoadedModel;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'removed-halves-'));
  loaded = await loadModel(fileURLToPath(tinyTalesAssets), bench.families);
});
afterAll(async () => {
  await loaded.close();
  await rm(folder, { recursive: true });
});

const student = () => {
  const { model } = loaded;
  return applyPlan(model, { ...fullPlan(model.architecture), withoutAttention: [1], withoutFeedForward: [0, 2] });
};

test('what is reloaded is the model in memory, and the export says what the zeros cost', async () => {
  const path = join(folder, 'student');
  const messages: string[] = [];
  await Pipeline.of({ student: student() }, bench.context)
    .pipe(exportTo(path))
    .run((event) => event.type === 'finding' && messages.push(event.message));
  expect(messages[0]).toMatch(
    /parameters of removed attention or feed-forward blocks are in it as zeros, .*the file is/,
  );
  expect(await checkReload(student(), path, { ...bench, size: { batch: 2, length: 16 } })).toBe(0);

  const reloaded = await loadModel(path, bench.families);
  expect(reloaded.model.architecture).toEqual(student().architecture);
  await exportModel(reloaded.model, join(folder, 'again'));
  await reloaded.close();
  const bytes = (name: string) => readFile(join(folder, name, 'model.safetensors'));
  expect(Buffer.compare(await bytes('student'), await bytes('again'))).toBe(0);
});

test('a block that config.json calls removed, but that is not zero, is refused', async () => {
  const path = join(folder, 'lying');
  await exportModel(student(), path);
  const config = JSON.parse(await readFile(join(path, 'config.json'), 'utf8')) as object;
  const lie = { ...config, espalier: { without_attention: [1, 3], without_feed_forward: [0, 2] } };
  await writeFile(join(path, 'config.json'), JSON.stringify(lie));
  await expect(loadModel(path, bench.families)).rejects.toThrow(
    'config.json says that the block of model.layers.3.self_attn.o_proj.weight was removed, but the weight is not zero',
  );
});
