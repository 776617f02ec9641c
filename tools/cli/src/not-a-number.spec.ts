// Weights that are NaN, too large or all zero, from the command line: a clear refusal, or a right result; never NaN or null as one.
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkReload, exportModel, loadModel, modelHash, weightSpecs } from '@espalier/core';
import { llama } from '@espalier/plugins';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createBench, runCaptured, type Bench } from './testing/cli-run.js';
import { createWorkbench, unitNames } from '@espalier/run';

let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
});
afterAll(() => bench.remove());

const damaged = 'model.layers.1.mlp.up_proj.weight';

/** A copy of the model whose F32 weights are changed. */
async function changed(
  name: string,
  change: (value: number, weight: string, index: number) => number,
): Promise<string> {
  const folder = join(bench.folder, name);
  await rm(folder, { recursive: true, force: true });
  await cp(bench.model, folder, { recursive: true });
  const path = join(folder, 'model.safetensors');
  const bytes = await readFile(path);
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, start)) as Record<string, { data_offsets: [number, number] }>;
  for (const [weight, { data_offsets: offsets }] of Object.entries(header)) {
    if (weight === '__metadata__') continue;
    for (let at = start + offsets[0], index = 0; at < start + offsets[1]; at += 4, index++) {
      bytes.writeFloatLE(change(bytes.readFloatLE(at), weight, index), at);
    }
  }
  await writeFile(path, bytes);
  return folder;
}

test('a NaN among the weights is refused by every verb, with the weight and the place', async () => {
  const model = await changed('nan', (own, weight, index) => (weight === damaged && index === 33 ? NaN : own));
  const verbs = [
    ['evaluate', '--model', model, '--data', bench.text, '--json'],
    ['generate', '--model', model, '--prompt', 'the', '--max-new-tokens', '3'],
  ];
  for (const verb of verbs) {
    const { code, stdout, stderr } = await runCaptured(...verb);
    expect(stderr).toContain(`element 33 ([1, 1]) of weight "${damaged}" is NaN`);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  }
  const { code, stderr } = await bench.compress({ model });
  expect(stderr).toContain(`element 33 ([1, 1]) of weight "${damaged}" is NaN`);
  expect(code).toBe(2);
});

test.each([
  ['model.norm.weight', NaN],
  ['lm_head.weight', Infinity],
  ['model.layers.2.mlp.down_proj.weight', -Infinity],
  ['model.embed_tokens.weight', NaN],
] as const)('the last element of %s is looked at before anything is computed', async (wanted, bad) => {
  let last = 0;
  await changed('late', (own, weight, index) => {
    if (weight === wanted) last = index;
    return own;
  });
  const model = await changed('late', (own, weight, index) => (weight === wanted && index === last ? bad : own));
  const found = new RegExp(`element ${last}( \\([^)]*\\))? of weight "${wanted}" is ${bad}`);
  const run = join(bench.folder, 'late-run');
  const verbs = [
    ['evaluate', '-m', model, '-d', bench.text],
    ['generate', '-m', model, '-p', 'the', '--max-new-tokens', '3'],
    ['compress', '-m', model, '-d', bench.text, '-t', '50%', '-o', join(bench.folder, 'late-out'), '--run', run],
    // What the teacher writes would be the first use of it.
    [
      'compress',
      '--length',
      '16',
      '-m',
      model,
      '-d',
      'teacher',
      '-t',
      '50%',
      '-o',
      join(bench.folder, 'late-out'),
      '--run',
      run,
    ],
  ];
  for (const verb of verbs) {
    await rm(run, { recursive: true, force: true });
    const { code, stdout, stderr } = await runCaptured(...verb);
    expect(last).toBeGreaterThan(0);
    expect(stderr).toMatch(found);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    // Text is held back before a model is read, and costs nothing.
    expect((await unitNames(run)).filter((name) => name !== 'text/held-back')).toEqual([]);
  }
});

test('a NaN is found in a part of a weight as well, by its place in the whole', async () => {
  const folder = await changed('nan-part', (own, weight, index) => (weight === damaged && index === 33 ? NaN : own));
  const { model, close } = await loadModel(folder, createWorkbench({ seed: 1 }).families);
  try {
    const { weights } = model;
    expect(weights.stored?.(damaged)).toMatchObject({ type: 'F32', file: join(folder, 'model.safetensors') });
    expect(await weights.range?.(damaged, 0, 33)).toHaveLength(33);
    await expect(weights.range?.(damaged, 32, 64)).rejects.toThrow(`element 33 ([1, 1]) of weight "${damaged}" is NaN`);
    await expect(modelHash(model)).rejects.toThrow(`element 33`);
    await expect(exportModel(model, join(bench.folder, 'nan-out'))).rejects.toThrow('element 33 ([1, 1])');
    expect(existsSync(join(bench.folder, 'nan-out'))).toBe(false);
  } finally {
    await close();
  }
});

test('finite weights whose logits are not are refused, and say what was measured', async () => {
  const model = await changed('huge', (own, weight) => (weight === 'lm_head.weight' ? own * 1e38 : own));
  const { code, stdout, stderr } = await runCaptured('evaluate', '--model', model, '--data', bench.text, '--json');
  expect(stderr).toMatch(/measure "perplexity": its "loss" is (NaN|Infinity)/);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  const written = await runCaptured('generate', '--model', model, '--prompt', 'the', '--max-new-tokens', '3');
  expect(written.stderr).toContain('the logits after token 0 (0-based) of sequence 0 are not all finite');
  expect({ code: written.code, stdout: written.stdout }).toEqual({ code: 2, stdout: '' });
});

test('a model of zeros is cut like any other', async () => {
  const model = await changed('zero', () => 0);
  const flags = {
    model,
    target: 'ffn=22',
    tokens: '64',
    out: join(bench.folder, 'zero-out'),
    run: join(bench.folder, 'zero-run'),
  };
  const { code, stderr } = await bench.compress(flags);
  expect(code, stderr).toBe(0);
});

test('storing as F16 what it cannot hold is refused, and nothing is left behind', async () => {
  const { model, close } = await loadModel(
    await changed('large', (own, weight, index) => (weight === damaged && index === 0 ? 70000 : own)),
    [llama()],
  );
  const out = join(bench.folder, 'large-out');
  await expect(exportModel(model, out, { storage: 'F16' })).rejects.toThrow(
    `element 0 ([0, 0]) of weight "${damaged}" is 70000, and F16 holds at most 65504`,
  );
  expect(existsSync(out)).toBe(false);
  await exportModel(model, out, { storage: 'BF16' });
  await close();
});

test('an export is compared with the model rounded to its storage, and differs where the folder does', async () => {
  const { context, families } = createWorkbench({ seed: 1 });
  const { model, close } = await loadModel(bench.model, families);
  for (const storage of ['F32', 'F16', 'BF16'] as const) {
    const out = join(bench.folder, `out-${storage}`);
    await exportModel(model, out, { storage });
    expect(await checkReload(model, out, { context, families })).toBeLessThan(1e-5);
    const [name] = weightSpecs(model).map((spec) => spec.name);
    const read = async (own: string): Promise<Float32Array> => {
      const values = await model.weights.read(own);
      return own === name ? values.map((value) => value * 1.01) : values;
    };
    await expect(checkReload({ ...model, weights: { read } }, out, { context, families })).rejects.toThrow(
      /differs from/,
    );
  }
  await close();
});
