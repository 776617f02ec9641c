import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../errors.js';
import { storageSizes, type StorageType } from '../storage-type.js';
import { inTemporaryFolder, rawSafetensors, type RawFile } from '../testing/raw-files.js';
import { joinCheckpoints, openSafetensors } from './checkpoint.js';

/** A header entry, well formed unless the type says otherwise. */
const entry = (dtype: unknown, shape: unknown, ...offsets: unknown[]): unknown => ({
  dtype,
  shape,
  data_offsets: offsets,
});

const fixtures = join(import.meta.dirname, '../fixtures');

describe('openSafetensors', () => {
  it('reads every storage type as the reference implementation wrote it', async () => {
    const golden = JSON.parse(await readFile(join(fixtures, 'storage-types.json'), 'utf8')) as {
      'every-type': Record<string, number | number[][]>;
    };
    const checkpoint = await openSafetensors(join(fixtures, 'every-type.safetensors'));
    expect(checkpoint.metadata).toEqual({ purpose: 'every type' });
    expect([...checkpoint.tensors.keys()].toSorted()).toEqual(Object.keys(golden['every-type']).toSorted());
    for (const name of ['f64', 'f32', 'f16', 'bf16', 'scalar', 'empty']) {
      const expected = [golden['every-type'][name] ?? []].flat(2);
      // The others are exact; the first was written in float64.
      expect(await checkpoint.read(name), name).toEqual(Float32Array.from(expected));
    }
    expect(checkpoint.tensors.get('i64')).toEqual({ name: 'i64', type: 'I64', shape: [2, 3] });
    expect(checkpoint.tensors.get('scalar')?.shape).toEqual([]);
    expect(checkpoint.tensors.get('empty')?.shape).toEqual([0, 4]);
    expect(await checkpoint.bytes('i16')).toEqual(Uint8Array.of(0, 0, 1, 0, 1, 0, 0, 0, 3, 0, 100, 0));
    expect(await checkpoint.bytes('bool')).toEqual(Uint8Array.of(0, 1, 1, 1, 1, 1));
    await expect(checkpoint.read('u8')).rejects.toThrow('U8 holds no floating-point numbers');
    await checkpoint.close();
  });

  it.each<[what: string, names: string[], file: RawFile]>([
    ['no tensors', [], { header: {} }],
    ['spaces after the header', [], { header: '{}   ' }],
    [
      'tensors in another order than their bytes',
      ['a', 'b'],
      { header: { b: entry('U8', [2], 1, 3), a: entry('U8', [1], 0, 1) }, data: 3 },
    ],
    [
      'empty tensors between others',
      ['a', 'b', 'c'],
      { header: { b: entry('F32', [1], 0, 4), c: entry('F32', [2, 0], 4, 4), a: entry('F32', [0], 0, 0) }, data: 4 },
    ],
    [
      'a member that is not known',
      ['a'],
      { header: { a: { dtype: 'U8', shape: [1], data_offsets: [0, 1], more: 1 } }, data: 1 },
    ],
    [
      'names that objects have already',
      ['__proto__', 'constructor'],
      {
        header:
          '{"__proto__":{"dtype":"U8","shape":[],"data_offsets":[0,1]},' +
          '"constructor":{"dtype":"U8","shape":[],"data_offsets":[1,2]}}',
        data: 2,
      },
    ],
  ])('accepts %s', async (_, names, raw) => {
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, 'a.safetensors');
      await writeFile(path, rawSafetensors(raw));
      const checkpoint = await openSafetensors(path);
      for (const [name, { shape }] of checkpoint.tensors)
        expect((await checkpoint.bytes(name)).length === 0, name).toBe(shape.includes(0));
      expect([...checkpoint.tensors.keys()]).toEqual(names);
      await checkpoint.close();
    });
  });

  it.each<[what: string, found: string | RegExp, file: RawFile | Uint8Array]>([
    ['an empty file', 'the file has 0 bytes, too few for a header', new Uint8Array(0)],
    ['a file shorter than a header length', 'the file has 7 bytes', new Uint8Array(7)],
    ['a header longer than the file', 'the header claims 3 bytes, but only 2 follow', { header: '{}', claimed: 3n }],
    [
      'a header just over the cap',
      'the header claims 100000001 bytes, more than the 100000000',
      { header: '{}', claimed: 100_000_001n },
    ],
    ['a header of 2⁶⁴−1 bytes', 'more than the 100000000', { header: '{}', claimed: 2n ** 64n - 1n }],
    ['a header of no bytes', 'does not begin with "{"', { header: '' }],
    ['a header cut short by its length', 'it is not valid JSON', { header: '{"a":{}}', claimed: 5n }],
    ['a header that is text', 'does not begin with "{"', { header: 'hello' }],
    ['a header that is a list', 'does not begin with "{"', { header: [] }],
    ['a header that is a number', 'does not begin with "{"', { header: '12' }],
    ['a header that starts with spaces', 'does not begin with "{"', { header: '  {}' }],
    ['JSON with a trailing comma', 'it is not valid JSON', { header: '{"a":1,}' }],
    ['a tensor that is a number', 'tensor "a" is not described by an object', { header: { a: 1 } }],
    ['a tensor that is a list', 'tensor "a" is not described by an object', { header: { a: [] } }],
    ['a tensor that is null', 'tensor "a" is not described by an object', { header: { a: null } }],
    [
      'an unknown dtype',
      'tensor "a" has dtype "F8_E4M3", which is not read here. Convert it',
      { header: { a: entry('F8_E4M3', [1], 0, 1) }, data: 1 },
    ],
    ['a dtype that objects have', 'has dtype', { header: { a: entry('toString', [1], 0, 1) }, data: 1 }],
    ['a dtype that is a number', 'tensor "a" has no dtype', { header: { a: entry(5, [1], 0, 1) }, data: 1 }],
    ['no dtype', 'tensor "a" has no dtype', { header: { a: { shape: [1], data_offsets: [0, 1] } }, data: 1 }],
    [
      'a negative size',
      'a shape that is not a list of natural numbers',
      { header: { a: entry('U8', [-1, -1], 0, 1) }, data: 1 },
    ],
    [
      'a size of minus zero',
      'a shape that is not a list of natural numbers',
      { header: '{"a":{"dtype":"U8","shape":[-0],"data_offsets":[0,0]}}' },
    ],
    [
      'a fractional size',
      'a shape that is not a list of natural numbers',
      { header: { a: entry('U8', [1.5], 0, 1) }, data: 1 },
    ],
    [
      'a size as text',
      'a shape that is not a list of natural numbers',
      { header: { a: entry('U8', ['1'], 0, 1) }, data: 1 },
    ],
    [
      'a size beyond 2⁵³',
      'a shape that is not a list of natural numbers',
      { header: '{"a":{"dtype":"U8","shape":[9007199254740993],"data_offsets":[0,1]}}', data: 1 },
    ],
    [
      'an infinite size',
      'a shape that is not a list of natural numbers',
      { header: '{"a":{"dtype":"U8","shape":[1e999],"data_offsets":[0,1]}}', data: 1 },
    ],
    [
      'a shape whose product overflows',
      'has a shape [4294967296, 4294967296] too large to exist',
      { header: { a: entry('U8', [2 ** 32, 2 ** 32], 0, 1) }, data: 1 },
    ],
    ['a shape whose bytes overflow', 'too large to exist', { header: { a: entry('F64', [2 ** 51], 0, 1) }, data: 1 }],
    [
      'a shape whose product wraps to the offsets in 64 bits',
      'too large to exist',
      { header: { a: entry('U8', [2 ** 33, 2 ** 31, 1], 0, 0) } },
    ],
    ['a shape that is a number', 'a shape that is not a list', { header: { a: entry('U8', 1, 0, 1) }, data: 1 }],
    ['no shape', 'a shape that is not a list', { header: { a: { dtype: 'U8', data_offsets: [0, 1] } }, data: 1 }],
    ['no offsets', 'offsets that are not natural numbers', { header: { a: { dtype: 'U8', shape: [1] } }, data: 1 }],
    ['one offset', 'tensor "a" has not two offsets', { header: { a: entry('U8', [1], 0) }, data: 1 }],
    ['three offsets', 'tensor "a" has not two offsets', { header: { a: entry('U8', [1], 0, 1, 2) }, data: 1 }],
    ['a negative offset', 'offsets that are not natural numbers', { header: { a: entry('U8', [1], -1, 0) }, data: 1 }],
    [
      'a fractional offset',
      'offsets that are not natural numbers',
      { header: { a: entry('U8', [1], 0, 1.5) }, data: 2 },
    ],
    [
      'offsets the wrong way round',
      'tensor "a" ends at byte 0, before it begins at 1',
      { header: { a: entry('U8', [1], 1, 0) }, data: 1 },
    ],
    [
      'offsets that hold less than the shape',
      'tensor "a", F32 [2, 2], needs 16 bytes, but its offsets 0 to 12 hold 12',
      { header: { a: entry('F32', [2, 2], 0, 12) }, data: 12 },
    ],
    [
      'offsets that hold more than the shape',
      'needs 4 bytes, but its offsets 0 to 8 hold 8',
      { header: { a: entry('F32', [], 0, 8) }, data: 8 },
    ],
    [
      'overlapping tensors',
      'tensor "b" overlaps tensor "a"',
      { header: { a: entry('U8', [4], 0, 4), b: entry('U8', [4], 2, 6) }, data: 6 },
    ],
    [
      'two tensors in one place',
      'tensor "b" overlaps tensor "a"',
      { header: { a: entry('U8', [4], 0, 4), b: entry('U8', [4], 0, 4) }, data: 4 },
    ],
    [
      'a gap before the first tensor',
      'the bytes 0 to 1 before tensor "a" belong to no tensor',
      { header: { a: entry('U8', [1], 1, 2) }, data: 2 },
    ],
    [
      'a gap between tensors',
      'the bytes 1 to 2 before tensor "b" belong to no tensor',
      { header: { a: entry('U8', [1], 0, 1), b: entry('U8', [1], 2, 3) }, data: 3 },
    ],
    [
      'data after the last tensor',
      '3 bytes after tensor "a" belong to no tensor',
      { header: { a: entry('U8', [1], 0, 1) }, data: 4 },
    ],
    ['data without tensors', '1 bytes after the header belong to no tensor', { header: {}, data: 1 }],
    [
      'a tensor past the end of the file',
      'tensor "a" ends at byte 8 of the data, but the file has only 7',
      { header: { a: entry('F64', [1], 0, 8) }, data: 7 },
    ],
    [
      'a tensor far past the end of the file',
      'tensor "a" ends at byte 4503599627370496',
      { header: { a: entry('F32', [2 ** 50], 0, 2 ** 52) }, data: 7 },
    ],
    [
      'a tensor given twice',
      'the key "a" appears twice in one object',
      {
        header:
          '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
        data: 1,
      },
    ],
    [
      'a shape given twice',
      'the key "shape" appears twice in one object',
      { header: '{"a":{"dtype":"U8","shape":[1],"shape":[2],"data_offsets":[0,2]}}', data: 2 },
    ],
    ['metadata that is text', 'the metadata is not an object of strings', { header: { __metadata__: 'pt' } }],
    ['metadata with a number', 'the metadata is not an object of strings', { header: { __metadata__: { steps: 1 } } }],
    [
      'a header nested without end',
      'nested more than 64 deep',
      { header: `{"a":${'['.repeat(1e5)}${']'.repeat(1e5)}}` },
    ],
  ])('refuses %s', async (_, found, raw) => {
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, 'model.safetensors');
      await writeFile(path, raw instanceof Uint8Array ? raw : rawSafetensors(raw));
      const failure = await openSafetensors(path).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(InputError);
      expect(String(failure)).toContain(`InputError: open checkpoint ${JSON.stringify(path)}: `);
      expect(String(failure)).toMatch(found);
    });
  });

  it('refuses a header that is not UTF-8', async () => {
    await inTemporaryFolder(async (folder) => {
      const bytes = rawSafetensors({ header: '{"a?":{}}' });
      bytes[8 + 3] = 0xff;
      await writeFile(join(folder, 'a.safetensors'), bytes);
      await expect(openSafetensors(join(folder, 'a.safetensors'))).rejects.toThrow('the JSON is not valid UTF-8');
    });
  });

  it('refuses a file cut at every length', async () => {
    await inTemporaryFolder(async (folder) => {
      const whole = rawSafetensors({ header: { a: entry('U8', [3], 0, 3) }, data: 3 });
      const path = join(folder, 'a.safetensors');
      for (let length = 0; length < whole.length; length++) {
        await writeFile(path, whole.subarray(0, length));
        await expect(openSafetensors(path), `${length} bytes`).rejects.toThrow(InputError);
      }
    });
  });

  it('refuses what is not there, a folder, and a device', async () => {
    await inTemporaryFolder(async (folder) => {
      await expect(openSafetensors(join(folder, 'none.safetensors'))).rejects.toThrow(
        'there is no such file or folder',
      );
      await expect(openSafetensors(folder)).rejects.toThrow('is a folder. Give the path of a file.');
      if (process.platform !== 'win32')
        await expect(openSafetensors('/dev/zero')).rejects.toThrow('"/dev/zero" is not a regular file');
    });
  });

  it.each([
    ['pytorch_model.bin', [0x80, 2]],
    ['model.pt', [0x50, 0x4b, 3, 4]],
    ['consolidated.00.pth', []],
    ['last.ckpt', []],
    ['renamed.safetensors', [0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9]],
    ['zipped.safetensors', [0x50, 0x4b, 3, 4, 0, 0, 8, 8, 0, 0]],
  ])('refuses the pickle file %s with the command that converts it', async (name, bytes) => {
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, name);
      await writeFile(path, Uint8Array.from(bytes));
      const refusal = openSafetensors(path);
      await expect(refusal).rejects.toThrow(InputError);
      await expect(refusal).rejects.toThrow(/is a pickle file/);
      await expect(refusal).rejects.toThrow(/python -c "import sys; .*save_pretrained\(b\)"/);
      await expect(refusal).rejects.toThrow(`'${folder}' '${folder}-safetensors'`);
    });
  });

  it('opens a file whose header length looks like the start of a pickle', async () => {
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, 'a.safetensors');
      await writeFile(path, rawSafetensors({ header: '{}'.padEnd(0x280) }));
      await (await openSafetensors(path)).close();
    });
  });
});

describe('an open checkpoint', () => {
  const twoTensors: RawFile = {
    header: { a: entry('U8', [2], 0, 2), b: entry('F32', [1], 2, 6) },
    data: Uint8Array.of(7, 8, 0, 0, 0x80, 0x3f),
  };

  it('says which name is missing, and refuses to read after it was closed', async () => {
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, 'a.safetensors');
      await writeFile(path, rawSafetensors(twoTensors));
      const checkpoint = await openSafetensors(path);
      expect(await Promise.all([checkpoint.bytes('a'), checkpoint.read('b')])).toEqual([
        Uint8Array.of(7, 8),
        Float32Array.of(1),
      ]);
      await expect(checkpoint.bytes('c')).rejects.toThrow('read tensor "c" from');
      await expect(checkpoint.read('toString')).rejects.toThrow(InputError);
      await Promise.all([checkpoint.close(), checkpoint.close()]);
      await expect(checkpoint.bytes('a')).rejects.toThrow('internal: a was read');
    });
  });

  it('gives ranges of elements, and where a tensor lies in its file', async () => {
    const checkpoint = await openSafetensors(join(fixtures, 'every-type.safetensors'));
    const file = await readFile(join(fixtures, 'every-type.safetensors'));
    for (const [name, { type }] of checkpoint.tensors) {
      const whole = await checkpoint.bytes(name);
      const place = checkpoint.place(name);
      expect(place.file).toBe(join(fixtures, 'every-type.safetensors'));
      expect(new Uint8Array(file.subarray(place.offset, place.offset + place.bytes)), name).toEqual(whole);
      const size = storageSizes[type];
      const count = whole.length / size;
      expect(await checkpoint.bytes(name, { begin: 1, end: count }).catch(() => 'none')).toEqual(
        count === 0 ? 'none' : whole.subarray(size),
      );
      await expect(checkpoint.bytes(name, { begin: 0, end: count + 1 })).rejects.toThrow('has no elements 0 to');
    }
    await checkpoint.close();
    await expect(checkpoint.bytes('f32', { begin: 0, end: 1 })).rejects.toThrow('after it was closed');
  });

  it('notices that the file became shorter', async () => {
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, 'a.safetensors');
      const whole = rawSafetensors(twoTensors);
      await writeFile(path, whole);
      const checkpoint = await openSafetensors(path);
      await truncate(path, whole.length - 1);
      expect(await checkpoint.bytes('a')).toEqual(Uint8Array.of(7, 8));
      await expect(checkpoint.bytes('b')).rejects.toThrow(`the file ended at byte ${whole.length - 1}`);
      await checkpoint.close();
    });
  });

  it('may be several seen as one', async () => {
    await inTemporaryFolder(async (folder) => {
      const open = async (name: string, type: StorageType, metadata: object): ReturnType<typeof openSafetensors> => {
        const header = { __metadata__: metadata, [name]: entry(type, [1], 0, 1) };
        await writeFile(join(folder, name), rawSafetensors({ header, data: Uint8Array.of(name.length) }));
        return openSafetensors(join(folder, name));
      };
      const parts = [await open('one', 'U8', { x: '1' }), await open('three', 'I8', { x: '2', y: '3' })];
      const joined = joinCheckpoints(parts, folder);
      expect([...joined.tensors.values()].map((info) => info.type)).toEqual(['U8', 'I8']);
      expect(joined.metadata).toEqual({ x: '1', y: '3' });
      expect(await joined.bytes('three')).toEqual(Uint8Array.of(5));
      await expect(joined.bytes('two')).rejects.toThrow('none of its 2 tensors has that name');
      expect(() => joinCheckpoints([...parts, ...parts], folder)).toThrow('internal: two checkpoints hold one');
      await joined.close();
      for (const part of parts) await expect(part.bytes([...part.tensors.keys()].join())).rejects.toThrow('closed');
    });
  });
});
