import { open, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../errors.js';
import { writeAll } from '../files.js';
import { encode, storageSizes } from '../storage-type.js';
import { inTemporaryFolder } from '../testing/raw-files.js';
import { openSafetensors } from './checkpoint.js';
import type { TensorInfo } from './header.js';
import { tensorsOf } from './source.js';
import { writeSafetensors } from './write.js';

const everyType = join(import.meta.dirname, '../fixtures/every-type.safetensors');
const info = (name: string, type: TensorInfo['type'], ...shape: number[]): TensorInfo => ({ name, type, shape });
const zeros = ({ shape }: TensorInfo): Uint8Array[] => [new Uint8Array(shape[0] ?? 1)];

describe('writeSafetensors', () => {
  it('writes what it read, every type byte for byte, and the file itself when the order is the same', async () => {
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, 'copy.safetensors');
      const source = await openSafetensors(everyType);
      const { tensors, produce } = tensorsOf(source);
      await writeSafetensors(path, tensors, produce, source.metadata);
      const copy = await openSafetensors(path);
      expect([...copy.tensors]).toEqual([...source.tensors]);
      for (const name of source.tensors.keys()) expect(await copy.bytes(name)).toEqual(await source.bytes(name));
      expect((await readFile(path)).equals(await readFile(everyType))).toBe(true);
      await Promise.all([source.close(), copy.close()]);
    });
  });

  it('lays larger elements first, otherwise in the order given, asks for one tensor at a time, and aligns each', async () => {
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, 'a.safetensors');
      const asked: string[] = [];
      let running = 0;
      const infos = [
        info('z', 'U8', 3),
        info('10', 'BF16', 1),
        info('b', 'F32', 1),
        info('9', 'F16', 1),
        info('a', 'I64'),
      ];
      await writeSafetensors(path, infos, async function* ({ name, type }) {
        expect(++running).toBe(1);
        await new Promise((resolve) => setImmediate(resolve));
        asked.push(name);
        running--;
        // In two pieces, the second empty for the smallest.
        const bytes = new Uint8Array(type === 'U8' ? 3 : storageSizes[type]).fill(asked.length);
        yield bytes.subarray(0, 2);
        yield bytes.subarray(2);
      });
      expect(asked).toEqual(['a', 'b', '10', '9', 'z']);
      const checkpoint = await openSafetensors(path);
      expect([...checkpoint.tensors.keys()]).toEqual(asked);
      expect(checkpoint.metadata).toEqual({ format: 'pt' });
      expect(await checkpoint.bytes('10')).toEqual(Uint8Array.of(3, 3));
      await checkpoint.close();
      const bytes = await readFile(path);
      expect(bytes.readBigUInt64LE() % 8n).toBe(0n);
      expect(await readdir(folder)).toEqual(['a.safetensors']);
    });
  });

  it('converts floats to another type on request and leaves integers alone', async () => {
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, 'a.safetensors');
      const source = await openSafetensors(everyType);
      const { tensors, produce } = tensorsOf(source, 'BF16');
      await writeSafetensors(path, tensors, produce);
      const copy = await openSafetensors(path);
      for (const name of ['f64', 'f32', 'f16', 'bf16', 'scalar']) {
        expect(copy.tensors.get(name)?.type).toBe('BF16');
        expect(await copy.bytes(name), name).toEqual(encode(await source.read(name), 'BF16'));
      }
      expect(copy.tensors.get('i32')?.type).toBe('I32');
      expect(await copy.bytes('i32')).toEqual(await source.bytes('i32'));
      await Promise.all([source.close(), copy.close()]);
    });
  });

  it('keeps what was there, and leaves nothing behind, when a tensor cannot be produced', async () => {
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, 'a.safetensors');
      await writeFile(path, 'before');
      const failing = (): Promise<Uint8Array>[] => [Promise.reject(new Error('no such tensor'))];
      await expect(writeSafetensors(path, [info('a', 'U8', 1)], failing)).rejects.toThrow('no such tensor');
      await expect(writeSafetensors(path, [info('a', 'U8', 2)], () => zeros(info('', 'U8', 1)))).rejects.toThrow(
        'internal: tensor a needs 2 bytes, 1 were produced',
      );
      const three = [new Uint8Array(2), new Uint8Array(1)];
      await expect(writeSafetensors(path, [info('a', 'U8', 2)], () => three)).rejects.toThrow('3 were produced');
      expect(await readFile(path, 'utf8')).toBe('before');
      expect(await readdir(folder)).toEqual(['a.safetensors']);
    });
  });

  it.each([
    [[info('a', 'U8', 1), info('a', 'U8', 1)], 'internal: the tensor name a is taken'],
    [[info('__metadata__', 'U8', 1)], 'internal: the tensor name __metadata__ is taken'],
    [[info('a', 'U8', -1)], 'internal: tensor a has the shape [-1]'],
    [[info('a', 'F32', 2 ** 30, 2 ** 30)], 'internal: tensor a has the shape'],
  ])('does not begin with %j', async (infos, message) => {
    await inTemporaryFolder(async (folder) => {
      await expect(writeSafetensors(join(folder, 'a'), infos, zeros)).rejects.toThrow(message);
      expect(await readdir(folder)).toEqual([]);
    });
  });

  it('says that a folder is missing', async () => {
    await inTemporaryFolder(async (folder) => {
      const refusal = writeSafetensors(join(folder, 'none', 'a.safetensors'), [], zeros);
      await expect(refusal).rejects.toThrow(InputError);
      await expect(refusal).rejects.toThrow('there is no such file or folder. Choose a path that can be written to.');
    });
  });

  it.skipIf(process.platform !== 'linux')('says that the disk is full', async () => {
    // Writing to this device always fails for want of space.
    const full = await open('/dev/full', 'w');
    const refusal = writeAll(full, new Uint8Array(10), 'write checkpoint "a"');
    await expect(refusal).rejects.toThrow('write checkpoint "a": the disk is full. Free some space');
    await expect(refusal).rejects.toThrow(InputError);
    await full.close();
  });
});
