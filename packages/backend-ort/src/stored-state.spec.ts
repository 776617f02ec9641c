// State that stays in a file: programs read it where it lies, in the type that it is stored in.
import { mkdtemp, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode, present, statVersion } from '@espalier/core';
import {
  gather,
  hostFloats,
  hostIntegers,
  hostValues,
  input,
  matmul,
  program,
  state,
  type StorageType,
  type StoredTensor,
} from '@espalier/core/graph';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ortBackend } from './ort-backend.js';

const backend = ortBackend({ threads: 1 });
const here = backend.readsFiles?.() === true;
const [rows, width] = [5, 4];
/** Numbers that every storage type holds exactly. */
const values = Float32Array.from({ length: rows * width }, (_, index) => (index - 9) / 4);
const BEFORE = 24; // bytes of the file before the tensor
let folder: string;

beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'espalier-stored-'))));
afterAll(() => rm(folder, { recursive: true }));

async function store(type: StorageType): Promise<StoredTensor> {
  const [file, bytes] = [join(folder, type), encode(values, type)];
  await writeFile(file, Buffer.concat([Buffer.alloc(BEFORE, 255), bytes]));
  return { type, file, offset: BEFORE, bytes: bytes.byteLength };
}

const table = state('table', [rows, width], 'float32');
const reading = program('reading', {
  outputs: {
    product: matmul(input('x', [1, width], 'float32'), table, { transposeB: true }),
    row: gather(table, input('id', [1], 'int32')),
    same: table,
  },
});

test.skipIf(!here).each<StorageType>(['F64', 'F32', 'F16', 'BF16'])(
  'programs compute on %s as on the same numbers written to state',
  async (type) => {
    const inputs = { x: hostFloats([1, -2, 3, 0.5], [1, width]), id: hostIntegers([3], [1]) };
    const written = await backend.createState(reading.states);
    await written.write({ table: hostFloats(values, [rows, width]) });
    const stored = await backend.createState(reading.states, undefined, new Map([['table', await store(type)]]));
    const [plain, typed] = [
      await backend.compile(reading),
      await backend.compile(reading, undefined, new Map([['table', type]])),
    ];
    const found = await typed.run(inputs, stored);
    expect(found).toEqual(await plain.run(inputs, written));
    expect(Array.from(hostValues(present(found['row'], 'a row')))).toEqual(Array.from(values.slice(12, 16)));
    for (const each of [plain, typed, written, stored]) await each.dispose();
  },
);

test.skipIf(!here)('it is neither written, nor read back, nor replaced by a run', async () => {
  const stored = new Map([['table', await store('F32')]]);
  const own = await backend.createState(reading.states, undefined, stored);
  const found = 'state "table" lies in a file, where programs only read it';
  await expect(own.write({ table: hostFloats(values, [rows, width]) })).rejects.toThrow(found);
  await expect(own.read(['table'])).rejects.toThrow(found);
  const replacing = await backend.compile(
    program('replacing', { next: { table: matmul(table, input('x', [4, 4], 'float32')) } }),
  );
  await expect(replacing.run({ x: hostFloats(1, [4, 4]) }, own)).rejects.toThrow(found);
  await replacing.dispose();
  await own.dispose();
});

test.skipIf(!here)('a file that was shortened since it was opened is refused before anything touches it', async () => {
  const place = await store('BF16');
  await truncate(place.file, BEFORE + 2);
  await expect(backend.createState(reading.states, undefined, new Map([['table', place]]))).rejects.toThrow(
    `the file has ${BEFORE + 2} bytes, and the tensor ends at byte ${BEFORE + 2 * values.length}`,
  );
});

test.skipIf(!here)(
  'a file that is replaced or shortened after it was opened is refused, before and between runs',
  async () => {
    const tensor = await store('F32');
    const version = statVersion(await stat(tensor.file, { bigint: true }));
    const stored = new Map([['table', { ...tensor, version }]]);
    const inputs = { x: hostFloats(1, [1, width]), id: hostIntegers([3], [1]) };
    const typed = await backend.compile(reading, undefined, new Map([['table', 'F32' as const]]));
    const own = await backend.createState(reading.states, undefined, stored);
    await typed.run(inputs, own);
    await truncate(tensor.file, 10);
    await expect(typed.run(inputs, own)).rejects.toThrow('it is another file than when the model was opened');
    await writeFile(`${tensor.file}.new`, Buffer.alloc(BEFORE + tensor.bytes));
    await rename(`${tensor.file}.new`, tensor.file);
    await expect(backend.createState(reading.states, undefined, stored)).rejects.toThrow('it is another file');
    for (const each of [typed, own]) await each.dispose();
  },
);

test.skipIf(!here)('what is disposed of while a run goes on is let go when it has ended', async () => {
  const inputs = { x: hostFloats(1, [1, width]), id: hostIntegers([3], [1]) };
  const typed = await backend.compile(reading, undefined, new Map([['table', 'BF16' as const]]));
  const own = await backend.createState(reading.states, undefined, new Map([['table', await store('BF16')]]));
  const running = typed.run(inputs, own);
  await Promise.all([typed.dispose(), own.dispose()]);
  expect(Array.from(hostValues(present((await running)['row'], 'a row')))).toEqual(Array.from(values.slice(12, 16)));
});
