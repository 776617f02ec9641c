// A complete run that is continued for more tokens comes to what a run for as many tokens comes to, and says what was changed.
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '@espalier/core';
import { filter, lastValueFrom, take } from 'rxjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createBench, runEnd, type Bench } from '../testing/bench.js';
import { readRecord } from './run-record.js';
import { compress, finished, resume, type ResumeOptions } from './run.js';

let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
});
afterAll(() => bench.remove());

const size = { batch: 4, length: 16 };
const constant = { name: 'constant', peak: 0.002, warmup: 2 };

/** Two steps, of which the second is continued; exported beside the run. */
function recipeOf(tokens: number, folder: string, distillation: object = {}, checkpoints: object = {}) {
  const step = (name: string, target: string, own: object) => ({
    name,
    target,
    importance: { samples: 8, ...size },
    distillation: { ...size, schedule: constant, ...own },
  });
  return {
    ...bench.recipe,
    backend: { name: 'ort', threads: 1 },
    checkpoints,
    steps: [step('first', '80%', { tokens: 128 }), step('last', '70%', { tokens, accumulate: 2, ...distillation })],
    export: { folder: `${folder}-out` },
  };
}

const folderOf = (name: string): string => join(bench.folder, name);
const run = (name: string, tokens: number, ...own: readonly object[]) =>
  finished(compress(recipeOf(tokens, folderOf(name), ...own), { folder: folderOf(name) }));

/** Models, states and measurements that a run leaves, without what a clock says. */
async function contents(name: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const top of [folderOf(name), `${folderOf(name)}-out`])
    for (const path of await readdir(top, { recursive: true })) {
      if (!/\.safetensors$|(evaluation|position|record|samples|answer)\.json$/.test(path)) continue;
      files[`${top === folderOf(name) ? 'run' : 'out'}/${path}`] = (await readFile(join(top, path))).toString('hex');
    }
  return files;
}

const continued = (name: string, tokens: number, options: ResumeOptions = {}) =>
  finished(resume(folderOf(name), { ...options, tokens }));

describe('a complete run', () => {
  test('is continued from N to 2N tokens to the bytes of a run of 2N under a constant schedule', async () => {
    await run('whole', 1024);
    await run('short', 512);
    const before = await readFile(join(`${folderOf('short')}-out`, 'model.safetensors'));
    const { rows } = await continued('short', 1024);
    expect(rows.map(({ trainingTokens }) => trainingTokens)).toEqual([0, 0, 128, 0, 1024]);
    const files = await contents('short');
    expect(Object.keys(files)).toContain('out/model.safetensors');
    expect(files).toEqual(await contents('whole'));
    expect(await readFile(join(`${folderOf('short')}-out`, 'model.safetensors'))).not.toEqual(before);
  });

  test('keeps the history: its record says what was asked for, and its log has the losses of both parts', async () => {
    const { record } = await readRecord(folderOf('short'));
    expect(record.continued).toMatchObject([{ row: 'last/distilled', from: 512, to: 1024 }]);
    const log = (await readFile(join(folderOf('short'), 'events.ndjson'), 'utf8')).trimEnd().split('\n');
    const events = log.map((line) => JSON.parse(line) as { type: string; name?: string; run: string; step?: number });
    const losses = events.filter(
      ({ type, name, run: own }) => type === 'metric' && name === 'loss' && own === 'last/distilled',
    );
    expect(losses.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test('is continued again, and resumed where a continuation was broken off', async () => {
    const isLoss = filter((event: { type: string; name?: string }) => event.type === 'metric' && event.name === 'loss');
    const { onEnd, ended } = runEnd();
    await lastValueFrom(resume(folderOf('short'), { tokens: 2048, onEnd }).pipe(isLoss, take(3)));
    await ended;
    expect(existsSync(join(folderOf('short'), 'summary.json'))).toBe(false);
    await expect(continued('short', 4096)).rejects.toThrow(/the run is not complete.*espalier resume/);
    await finished(resume(folderOf('short')));
    await run('longest', 2048);
    expect(await contents('short')).toEqual(await contents('longest'));
  });

  test.each([1024, 2048, 2000])('is not continued to %i tokens, which it has had', async (tokens) => {
    await expect(continued('short', tokens)).rejects.toThrow(/was trained on 2048 tokens\. Give more/);
    await finished(resume(folderOf('short')));
  });

  test('is not continued without its last checkpoint, or where a rule ends its training', async () => {
    await run('bare', 256, {}, { keepLast: false });
    expect(existsSync(join(folderOf('bare'), 'checkpoints', 'last'))).toBe(false);
    await expect(continued('bare', 512)).rejects.toThrow(/its last checkpoint was not kept.*keepLast/);
    await run('ruled', 256, { stop: { name: 'plateau' }, validateEvery: 2 });
    const attempt = continued('ruled', 512);
    await expect(attempt).rejects.toThrow(InputError);
    await expect(attempt).rejects.toThrow(/"plateau" ends its training/);
  });
});

test('a pretraining is continued as well', async () => {
  const config = JSON.parse(await readFile(join(bench.folder, 'model', 'config.json'), 'utf8')) as Record<
    string,
    string
  >;
  const recipe = (tokens: number) => ({
    data: bench.recipe.data,
    backend: { name: 'ort', threads: 1 },
    pretraining: { config, tokenizer: join(bench.folder, 'model'), tokens, ...size, schedule: constant },
    export: { folder: `${folderOf(`pre-${tokens}`)}-out` },
  });
  for (const tokens of [256, 512]) await finished(compress(recipe(tokens), { folder: folderOf(`pre-${tokens}`) }));
  await continued('pre-256', 512);
  expect(await contents('pre-256')).toEqual(await contents('pre-512'));
});
