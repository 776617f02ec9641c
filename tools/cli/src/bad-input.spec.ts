// What bad input gets: one paragraph that says what was asked, what was found and what to do, exit code 2, nothing written.
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createBench, runCaptured, type Bench, type Outcome } from './testing/cli-run.js';

let bench: Bench;
beforeEach(async () => {
  bench = await createBench();
});
afterEach(() => bench.remove());

async function expectRefusal(outcome: Outcome, found: RegExp): Promise<void> {
  expect(outcome.stderr).toMatch(found);
  expect(outcome.code).toBe(2);
  expect(outcome.stdout).toBe('');
  expect(outcome.stderr).not.toContain('    at '); // no stack trace
  expect((await readdir(bench.folder)).filter((name) => name !== 'model' && name !== 'text.txt')).toEqual([]);
}

/** Rewrites the header of the safetensors file. */
async function editHeader(
  edit: (header: Record<string, { shape: number[]; data_offsets: number[] }>) => void,
): Promise<void> {
  const path = join(bench.model, 'model.safetensors');
  const bytes = await readFile(path);
  const length = Number(bytes.readBigUInt64LE());
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString()) as Parameters<typeof edit>[0];
  edit(header);
  const text = Buffer.from(JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.length));
  await writeFile(path, Buffer.concat([size, text, bytes.subarray(8 + length)]));
}

async function editConfig(edit: (config: Record<string, unknown>) => void): Promise<void> {
  const path = join(bench.model, 'config.json');
  const config = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
  edit(config);
  await writeFile(path, JSON.stringify(config));
}

const norm = 'model.norm.weight';

test('a truncated safetensors file is refused', async () => {
  const path = join(bench.model, 'model.safetensors');
  await writeFile(path, (await readFile(path)).subarray(0, -100));
  await expectRefusal(await bench.compress(), /model\.safetensors/);
});

test('a header length that lies is refused', async () => {
  const path = join(bench.model, 'model.safetensors');
  const bytes = await readFile(path);
  bytes.writeBigUInt64LE(2n ** 40n);
  await writeFile(path, bytes);
  await expectRefusal(await bench.compress(), /header/);
});

test('overlapping offsets are refused', async () => {
  await editHeader((header) => {
    const own = header[norm];
    if (own !== undefined) own.data_offsets = [0, 128];
  });
  await expectRefusal(await bench.compress(), /overlap|offset|bytes/i);
});

test('a missing tensor is refused by name', async () => {
  await editHeader((header) => {
    header['renamed'] = header[norm] ?? { shape: [], data_offsets: [] };
    Reflect.deleteProperty(header, norm);
  });
  await expectRefusal(await bench.compress(), /model\.norm\.weight is missing/);
});

test('an extra tensor is refused by name', async () => {
  await editConfig((config) => {
    config['num_hidden_layers'] = 2;
  });
  await expectRefusal(await bench.compress({ target: '90%' }), /model\.layers\.2\..* not part of the model/);
});

test('a shape that config.json contradicts is refused with both shapes', async () => {
  await editConfig((config) => {
    config['intermediate_size'] = 48;
  });
  await expectRefusal(await bench.compress(), /\[44, 32\].*\[48, 32\]/);
});

test('an unknown model_type is refused with the known ones', async () => {
  await editConfig((config) => {
    config['model_type'] = 'mamba';
  });
  await expectRefusal(await bench.compress(), /model_type is "mamba".*Known are .*llama/);
});

test('pickle files are refused with the command that converts them', async () => {
  await rm(join(bench.model, 'model.safetensors'));
  await writeFile(join(bench.model, 'pytorch_model.bin'), 'x');
  await expectRefusal(await bench.compress(), /pickle.*save_pretrained/s);
});

test.each([
  ['an empty text', ''],
  ['a text of blank lines', '\n\n \n'],
])('%s is refused', async (_name, content) => {
  await writeFile(bench.text, content);
  await expectRefusal(await bench.compress(), /holds no text/);
});

test('a text too short to hold a part back is refused', async () => {
  await writeFile(bench.text, 'the cat sat\n');
  await expectRefusal(await bench.compress(), /1 documents and \d+ tokens/);
});

test.each([
  ['larger than the model', '200%', /larger|more than|100%|at most/i],
  ['of nothing', '0%', /nothing would be left/],
  ['that cannot be read', 'half', /half/],
  ['smaller than can be', '100', /at least|smallest|fewer/i],
  ['of heads that do not divide into their groups', 'heads=3', /heads.*2/s],
  ['of more neurons than there are', 'ffn=64', /ffn.*44/s],
])('a target %s is refused with what would be valid', async (_name, target, found) => {
  await expectRefusal(await bench.compress({ target }), found);
});

test('a tokenizer with ids past the vocabulary is refused', async () => {
  await editConfig((config) => {
    config['vocab_size'] = 2;
  });
  await expectRefusal(await bench.compress(), /vocab_size|\[96, 32\]/);
});

test('sequences longer than the context are refused with the context', async () => {
  await expectRefusal(await bench.compress({ length: '100000' }), /its context is/);
});

test('a model folder that is not there is refused', async () => {
  await expectRefusal(await bench.compress({ model: join(bench.folder, 'nowhere') }), /nowhere/);
});

test('an output folder that holds something else is refused before any work', async () => {
  await expectRefusal(await bench.compress({ out: bench.model }), /out|folder|there already/);
});

test('a run folder that cannot be made is refused', async () => {
  await expectRefusal(await bench.compress({ run: bench.text }), /write a run to/);
});

test('an unknown flag is refused with a hint', async () => {
  await expectRefusal(await bench.compress({ modle: 'x' }), /unknown option '--modle'/);
});

test('an unknown verb is refused', async () => {
  const outcome = await runCaptured('compres');
  expect(outcome.code).toBe(2);
  expect(outcome.stderr).toMatch(/unknown command 'compres'/);
});

test('a package of a kind that there is not is refused with the nearest', async () => {
  const made = await runCaptured(
    'new',
    'plugin',
    'espalier-plugin-mine',
    '--kind',
    'scorrer',
    '--out',
    join(bench.folder, 'p'),
  );
  await expectRefusal(made, /no kind "scorrer".*Perhaps "scorer" was meant/s);
});
