// Exporters from a recipe and from `espalier export`: the bundled one, and one of somebody else's.
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadModel } from '@espalier/core';
import { llama } from '@espalier/plugins';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createBench, runCaptured, type Bench, type Outcome } from './testing/cli-run.js';
import { buildCommand, runProcess } from './testing/process.js';

/** An exporter of a plugin: sums of the weights as JSON, and a check of its own. */
const sums = `
import { mkdir, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { definePlugin, InputError, strategy, weightSpecs } from '@espalier/core';
const refuse = (path: string, overwrite: boolean): void => {
  if (existsSync(path) && !overwrite) throw new InputError({ asked: 'write sums', found: path + ' is there', fix: 'Choose another' });
};
const sums = strategy('exporter', {
  name: 'sums',
  summary: 'sums of weights',
  create: () => ({
  check: (path, { overwrite }) => Promise.resolve(refuse(path, overwrite)),
  async export(model, path, { overwrite }) {
    refuse(path, overwrite);
    const found: Record<string, number> = {};
    for (const { name } of weightSpecs(model)) found[name] = (await model.weights.read(name)).reduce((a, b) => a + b, 0);
    await mkdir(path, { recursive: true });
    await writeFile(path + '/sums.json', JSON.stringify(found));
  },
  }),
});
export default definePlugin({ name: 'espalier-plugin-sums', provides: [sums] });
`;
const steps = [
  {
    name: 'half',
    target: 'ffn=8',
    importance: { samples: 4, batch: 4, length: 16 },
    distillation: { tokens: 64, batch: 4, length: 16 },
  },
];

let bench: Bench;
let plain = '';
const at = (...parts: readonly string[]): string => join(bench.folder, ...parts);

/** Runs the recipe that exports so. */
async function compress(name: string, wanted: object): Promise<Outcome> {
  return runCaptured(...(await command(name, wanted)));
}

async function command(name: string, wanted: object): Promise<readonly string[]> {
  const recipe = { model: bench.model, data: bench.text, steps, export: { folder: at(`${name}-out`), ...wanted } };
  await writeFile(at(`${name}.json`), JSON.stringify(recipe));
  return ['compress', '--recipe', at(`${name}.json`), '--run', at(name)];
}

/** A process of its own, in which a plugin shares our built modules. */
const withSums = (argv: readonly string[]) => runProcess([...argv, '--plugin', at('sums.ts')]);

beforeAll(async () => {
  await buildCommand();
  bench = await createBench();
  await writeFile(at('sums.ts'), sums);
  plain = at('plain');
  expect((await compress('plain', {})).code).toBe(0);
});
afterAll(() => bench.remove());

/** Bytes of the weights of a folder. */
const weightsOf = (folder: string): Promise<Buffer> => readFile(join(folder, 'model.safetensors'));

test('without a word a Hugging Face folder is written, reloaded and compared', async () => {
  const made = JSON.parse(await readFile(join(plain, 'stages', 'export', 'exported.json'), 'utf8')) as object;
  expect(made).toMatchObject({ difference: 0, row: 'half/distilled' });
});

test('what a run has exported, with its card, another may replace', async () => {
  expect(await readdir(at('plain-out'))).toContain('README.md');
  const other = await command('plain', { folder: at('plain-out'), overwrite: true });
  const { code, stderr } = await runCaptured(...other.slice(0, -1), at('again'));
  expect(code, stderr).toBe(0);
});

test('options of the recipe reach the exporter: weights stored as float16', async () => {
  const { code, stderr } = await compress('half', { exporter: { name: 'safetensors', storage: 'F16' } });
  expect(code, stderr).toBe(0);
  const [exact, rounded] = [await loadModel(at('plain-out'), [llama()]), await loadModel(at('half-out'), [llama()])];
  const name = 'model.norm.weight';
  expect(new Set(rounded.model.storageTypes.values())).toEqual(new Set(['F16']));
  const [from, to] = [await exact.model.weights.read(name), await rounded.model.weights.read(name)];
  to.forEach((value, index) => expect(value).toBeCloseTo(from[index] ?? NaN, 3));
  await Promise.all([exact.close(), rounded.close()]);
});

test('an exporter of a plugin takes the place of the bundled one, named by --plugin', async () => {
  const { code, stderr } = await withSums(await command('own', { exporter: 'sums' }));
  expect(code, stderr).toBe(0);
  expect(stderr).toContain('(half/distilled)');
  expect((await readdir(at('own-out'))).toSorted()).toEqual(['README.md', 'sums.json']);
});

test('a run that was cut off between the folder and its record finds the folder, and only its own', async () => {
  const record = join(plain, 'stages', 'export');
  const before = await weightsOf(at('plain-out'));
  await rm(record, { recursive: true });
  expect((await runCaptured('resume', plain)).code).toBe(0);
  expect(existsSync(record)).toBe(true);
  expect((await readdir(bench.folder)).filter((name) => name.startsWith('.plain-out'))).toEqual([]);
  // Somebody else's model in that place is not taken for it.
  await rm(record, { recursive: true });
  const file = at('plain-out', 'model.safetensors');
  const spoilt = Buffer.from(before);
  spoilt.writeUInt8(spoilt.readUInt8(spoilt.length - 1) ^ 1, spoilt.length - 1);
  await writeFile(file, spoilt);
  const { code, stderr } = await runCaptured('resume', plain);
  expect(code).toBe(2);
  expect(stderr).toContain('a model is there already');
  await writeFile(file, before);
  expect((await runCaptured('resume', plain)).code).toBe(0);
});

test('what the exporter would refuse is refused before the run begins', async () => {
  await mkdir(at('taken-out'));
  await writeFile(at('taken-out', 'letter.txt'), 'dear reader');
  const bundled = await compress('taken', {});
  expect(bundled).toMatchObject({ code: 2, stderr: expect.stringContaining('other files ("letter.txt")') as unknown });
  const foreign = await withSums(await command('taken', { exporter: 'sums' }));
  expect(foreign).toMatchObject({ code: 2, stderr: expect.stringContaining('taken-out is there') as unknown });
  expect(existsSync(at('taken'))).toBe(false);
});

test('an exporter that is not known is refused with its place in the recipe', async () => {
  const { code, stderr } = await compress('wrong', { exporter: 'safetensor' });
  expect(code).toBe(2);
  expect(stderr).toMatch(/wrong\.json:1:\d+.*Perhaps "safetensors" was meant/s);
});

const placed = `
import 'reflect-metadata';
import { writeFile } from 'node:fs/promises';
import { definePlugin, runTokens, strategy, type Exporter } from '@espalier/core';
import { inject, injectable } from 'tsyringe';
@injectable()
class Placed implements Exporter {
  readonly name = 'placed';
  readonly summary = 'the folder of the run';
  constructor(@inject(runTokens.runFolder) private readonly folder: string) {}
  export(_model: unknown, path: string) { return writeFile(path, this.folder); }
}
export default definePlugin({ name: 'placed', provides: [strategy('exporter', { name: 'placed', summary: '', use: Placed })] });
`;

test('an exporter that is a class is told by espalier export which run it exports from', async () => {
  await writeFile(at('placed.ts'), placed);
  const asked = ['export', plain, '--out', at('placed-out'), '--exporter', 'placed', '--plugin', at('placed.ts')];
  const { code, stderr } = await runProcess(asked);
  expect(code, stderr).toBe(0);
  expect(await readFile(at('placed-out'), 'utf8')).toBe(plain);
});

test('espalier export takes an exporter, and plugins beside those of the recipe, a row by its label, and a storage type in small letters', async () => {
  const sumsTo = (out: string): readonly string[] => ['export', plain, '--out', at(out), '--exporter', 'sums'];
  expect(await withSums(sumsTo('sums-out'))).toMatchObject({ code: 0 });
  expect(await readdir(at('sums-out'))).toEqual(['sums.json']);
  const again = await runCaptured('export', plain, '--out', at('bf16'), '--storage', 'bf16', '--row', 'half: pruned + distilled'); // prettier-ignore
  expect(again).toMatchObject({ code: 0 });
  // The card tells of the row that was asked for, without a place on this machine.
  const card = await readFile(join(at('bf16'), 'README.md'), 'utf8');
  expect(card).toContain('knowledge-distillation');
  expect(card).not.toContain(at(''));
  const options = await withSums([...sumsTo('bad'), '--storage', 'F16']);
  expect(options).toMatchObject({ code: 2, stderr: expect.stringContaining('"storage" is not an option') as unknown });
});
