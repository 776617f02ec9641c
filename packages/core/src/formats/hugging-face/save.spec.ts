import { access, mkdir, readFile, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../errors.js';
import type { Checkpoint } from '../safetensors/checkpoint.js';
import type { TensorInfo } from '../safetensors/header.js';
import { tensorsOf } from '../safetensors/source.js';
import { inTemporaryFolder } from '../testing/raw-files.js';
import { openCarriedFiles, openModelFolder, type ModelFolder } from './model-folder.js';
import { saveModelFolder, type SaveRequest } from './save.js';

const fixtures = join(import.meta.dirname, '../../testing/fixtures');
const stories = join(import.meta.dirname, '../../../../../../shared/models/stories260K');
const hasStories = await access(stories).then(
  () => true,
  () => false,
);

async function expectSameTensors(actual: Checkpoint, expected: Checkpoint): Promise<void> {
  expect([...actual.tensors.keys()].toSorted()).toEqual([...expected.tensors.keys()].toSorted());
  for (const [name, info] of expected.tensors) {
    expect(actual.tensors.get(name)).toEqual(info);
    const same = Buffer.compare(await actual.bytes(name), await expected.bytes(name)) === 0;
    expect(same, `the bytes of ${name}`).toBe(true);
  }
}

const asIs = (model: ModelFolder): SaveRequest => ({
  config: model.config,
  carryFrom: model,
  ...tensorsOf(model.checkpoint),
});

const ones = ({ shape }: TensorInfo): Uint8Array[] => [new Uint8Array(shape[0] ?? 0).fill(1)];
const bytesOf = (...sizes: number[]): TensorInfo[] =>
  sizes.map((size, i) => ({ name: `t${i}`, type: 'U8', shape: [size] }));
const small: SaveRequest = { config: { a: 1 }, tensors: bytesOf(1), produce: ones };

describe('saveModelFolder', () => {
  it.each([false, true])(
    'does not replace what came to its place while it wrote (overwrite: %s)',
    async (overwrite) => {
      await inTemporaryFolder(async (parent) => {
        const folder = join(parent, 'out');
        const request: SaveRequest = {
          ...small,
          overwrite,
          async *produce() {
            await mkdir(folder, { recursive: true });
            await writeFile(join(folder, 'thesis.txt'), 'years');
            yield new Uint8Array(1);
          },
        };
        await expect(saveModelFolder(folder, request)).rejects.toThrow(/holds other files/);
        expect(await readdir(folder)).toEqual(['thesis.txt']);
        expect(await readdir(parent)).toEqual(['out']);
      });
    },
  );

  describe.each([
    { name: 'tiny-llama', path: join(fixtures, 'tiny-llama'), present: true },
    { name: 'tiny-llama-tied', path: join(fixtures, 'tiny-llama-tied'), present: true },
    { name: 'stories260K', path: stories, present: hasStories },
  ])('after opening $name', ({ path, present }) => {
    it.skipIf(!present)('gives it back byte for byte, config and small files included', async () => {
      await inTemporaryFolder(async (parent) => {
        const folder = join(parent, 'new', 'copy');
        const model = await openModelFolder(path);
        await saveModelFolder(folder, asIs(model));
        const copy = await openModelFolder(folder);
        await expectSameTensors(copy.checkpoint, model.checkpoint);
        expect(copy.checkpoint.metadata).toEqual({ format: 'pt' });
        // The text ends with a line end, whether the original did or not.
        expect(copy.configText).toBe(`${model.configText.trimEnd()}\n`);
        expect(copy.extraFiles).toEqual(model.extraFiles);
        for (const name of model.extraFiles)
          expect((await readFile(join(folder, name))).equals(await readFile(join(path, name))), name).toBe(true);
        expect(await readdir(join(parent, 'new'))).toEqual(['copy']);
        await Promise.all([model.checkpoint.close(), copy.checkpoint.close()]);
      });
    });
  });

  it('splits into shards with an index that opens as the same model', async () => {
    await inTemporaryFolder(async (folder) => {
      const model = await openModelFolder(join(fixtures, 'tiny-llama'));
      const path = join(folder, 'sharded');
      await saveModelFolder(path, { ...asIs(model), maxShardBytes: 20_000 });
      const names = (await readdir(path)).filter((name) => name.startsWith('model'));
      expect(names.length).toBeGreaterThan(3);
      expect(names.at(-1)).toBe('model.safetensors.index.json');
      expect(names[0]).toBe(`model-00001-of-0000${names.length - 1}.safetensors`);
      const copy = await openModelFolder(path);
      await expectSameTensors(copy.checkpoint, model.checkpoint);
      // Saved again as one file, it is the file that transformers wrote: also the order survived.
      await saveModelFolder(join(folder, 'single'), asIs(copy));
      const single = await openModelFolder(join(folder, 'single'));
      await expectSameTensors(single.checkpoint, model.checkpoint);
      await Promise.all([model, copy, single].map(({ checkpoint }) => checkpoint.close()));
    });
  });

  it('fills shards in order up to the limit, and gives a larger tensor one of its own', async () => {
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, 'm');
      await saveModelFolder(path, {
        config: {},
        tensors: bytesOf(3, 4, 20, 4, 0, 6, 1),
        produce: ones,
        maxShardBytes: 10,
      });
      const text = await readFile(join(path, 'model.safetensors.index.json'), 'utf8');
      const shard = (number: number): string => `model-0000${number}-of-00004.safetensors`;
      expect(text).toBe(
        `${JSON.stringify(
          {
            metadata: { total_size: 38 },
            weight_map: {
              t0: shard(1),
              t1: shard(1),
              t2: shard(2),
              t3: shard(3),
              t4: shard(3),
              t5: shard(3),
              t6: shard(4),
            },
          },
          undefined,
          2,
        )}\n`,
      );
      await (await openModelFolder(path)).checkpoint.close();
    });
  });

  it('changes the storage type on request', async () => {
    await inTemporaryFolder(async (folder) => {
      const model = await openModelFolder(join(fixtures, 'tiny-llama'));
      const path = join(folder, 'half');
      const config = { ...model.config, dtype: 'bfloat16' };
      await saveModelFolder(path, { config, carryFrom: model, ...tensorsOf(model.checkpoint, 'BF16') });
      const copy = await openModelFolder(path);
      expect(new Set([...copy.checkpoint.tensors.values()].map((info) => info.type))).toEqual(new Set(['BF16']));
      expect(copy.config['dtype']).toBe('bfloat16');
      const [was, is] = await Promise.all([model, copy].map(({ checkpoint }) => checkpoint.read('model.norm.weight')));
      expect(is).not.toEqual(was);
      for (const [i, value] of (was ?? []).entries())
        expect(Math.abs((is?.[i] ?? NaN) / value - 1)).toBeLessThan(2 ** -8);
      await Promise.all([model.checkpoint.close(), copy.checkpoint.close()]);
    });
  });

  it('fills an empty folder, and replaces a model only when allowed', async () => {
    await inTemporaryFolder(async (parent) => {
      const folder = join(parent, 'model');
      await mkdir(folder);
      await saveModelFolder(folder, small);
      await expect(saveModelFolder(folder, small)).rejects.toThrow(
        'a model is there already. Choose another path, or allow',
      );
      const before = await openModelFolder(folder);
      await saveModelFolder(folder, {
        ...small,
        config: { a: 2 },
        maxShardBytes: 1,
        tensors: bytesOf(1, 1),
        overwrite: true,
      });
      const after = await openModelFolder(folder);
      expect(after.config).toEqual({ a: 2 });
      expect(await readdir(folder)).not.toContain('model.safetensors');
      expect(await readdir(parent)).toEqual(['model']);
      await Promise.all([before.checkpoint.close(), after.checkpoint.close()]);
    });
  });

  it('takes the card of the model that it replaces for a part of it', async () => {
    await inTemporaryFolder(async (parent) => {
      const folder = join(parent, 'model');
      await saveModelFolder(folder, small);
      await writeFile(join(folder, 'README.md'), 'numbers of that model');
      await expect(saveModelFolder(folder, small)).rejects.toThrow('a model is there already');
      await saveModelFolder(folder, { ...small, overwrite: true });
      expect(await readdir(folder)).not.toContain('README.md');
    });
  });

  it('may read from the folder that it replaces', async () => {
    await inTemporaryFolder(async (parent) => {
      const folder = join(parent, 'model');
      await saveModelFolder(folder, small);
      const model = await openModelFolder(folder);
      await saveModelFolder(folder, { ...asIs(model), overwrite: true });
      await model.checkpoint.close();
      const again = await openModelFolder(folder);
      expect(await again.checkpoint.bytes('t0')).toEqual(Uint8Array.of(1));
      await again.checkpoint.close();
    });
  });

  it('replaces what a link points to, not the link', async () => {
    await inTemporaryFolder(async (parent) => {
      await saveModelFolder(join(parent, 'real'), small);
      await symlink('real', join(parent, 'link'));
      await saveModelFolder(join(parent, 'link'), { ...small, config: { a: 3 }, overwrite: true });
      expect(await readFile(join(parent, 'real', 'config.json'), 'utf8')).toContain('"a": 3');
      expect((await readdir(parent)).toSorted()).toEqual(['link', 'real']);
    });
  });

  it.each([
    {
      what: 'other files beside a model',
      files: ['config.json', 'model.safetensors', 'notes.txt'],
      found: 'other files ("notes.txt")',
    },
    { what: 'other files alone', files: ['thesis.tex'], found: 'other files ("thesis.tex")' },
    { what: 'a config without weights', files: ['config.json'], found: 'files, but no model' },
  ])('never replaces a folder with $what', async ({ files, found }) => {
    await inTemporaryFolder(async (parent) => {
      const folder = join(parent, 'model');
      await mkdir(folder);
      for (const name of files) await writeFile(join(folder, name), '');
      const refusal = saveModelFolder(folder, { ...small, overwrite: true });
      await expect(refusal).rejects.toThrow(InputError);
      await expect(refusal).rejects.toThrow(`the folder is there already and holds ${found}. Choose another path.`);
      expect((await readdir(folder)).toSorted()).toEqual(files.toSorted());
    });
  });

  it('never replaces a file', async () => {
    await inTemporaryFolder(async (parent) => {
      await writeFile(join(parent, 'model'), 'mine');
      await expect(saveModelFolder(join(parent, 'model'), { ...small, overwrite: true })).rejects.toThrow(
        'a file is there already',
      );
      expect(await readFile(join(parent, 'model'), 'utf8')).toBe('mine');
    });
  });

  it('keeps the former model, and leaves nothing behind, when a tensor cannot be produced', async () => {
    await inTemporaryFolder(async (parent) => {
      const folder = join(parent, 'model');
      await saveModelFolder(folder, small);
      const produce = (info: TensorInfo): (Uint8Array | Promise<Uint8Array>)[] =>
        info.name === 't1' ? [Promise.reject(new Error('device lost'))] : ones(info);
      const failing = { config: { a: 2 }, tensors: bytesOf(1, 1), produce, maxShardBytes: 1, overwrite: true };
      await expect(saveModelFolder(folder, failing)).rejects.toThrow('device lost');
      expect(await readdir(parent)).toEqual(['model']);
      const model = await openModelFolder(folder);
      expect(model.config).toEqual({ a: 1 });
      await model.checkpoint.close();
    });
  });

  it('does not carry a small file that became a link out of the folder', async () => {
    await inTemporaryFolder(async (parent) => {
      await saveModelFolder(join(parent, 'model'), small);
      const model = await openModelFolder(join(parent, 'model'));
      await writeFile(join(parent, 'secret'), 'secret');
      await symlink(join('..', 'secret'), join(parent, 'model', 'LICENSE'));
      const request = { ...small, carryFrom: { ...model, extraFiles: ['LICENSE'] } };
      await expect(saveModelFolder(join(parent, 'copy'), request)).rejects.toThrow('"LICENSE" is a link that leaves');
      expect((await readdir(parent)).toSorted()).toEqual(['model', 'secret']);
      await model.checkpoint.close();
    });
  });

  it('refuses two tensors of one name even when they would lie in different shards', async () => {
    await inTemporaryFolder(async (parent) => {
      const tensors = [...bytesOf(1), ...bytesOf(1)];
      const refusal = saveModelFolder(join(parent, 'model'), { ...small, tensors, maxShardBytes: 1 });
      await expect(refusal).rejects.toThrow('internal: two tensors to save have the same name');
      expect(await readdir(parent)).toEqual([]);
    });
  });

  it('carries further chat templates along, and may replace a folder that has them, but no other file beside them', async () => {
    await inTemporaryFolder(async (parent) => {
      const [from, to] = [join(parent, 'from'), join(parent, 'to')];
      await mkdir(join(from, 'additional_chat_templates'), { recursive: true });
      await writeFile(join(from, 'additional_chat_templates', 'rag.jinja'), '{{ documents }}');
      await writeFile(join(from, 'LICENSE-MODEL.txt'), 'terms');
      const request = { ...small, carryFrom: await openCarriedFiles(from) };
      await saveModelFolder(to, request);
      expect(await readFile(join(to, 'additional_chat_templates', 'rag.jinja'), 'utf8')).toBe('{{ documents }}');
      expect(await readFile(join(to, 'LICENSE-MODEL.txt'), 'utf8')).toBe('terms');
      await saveModelFolder(to, { ...request, overwrite: true });
      await writeFile(join(to, 'additional_chat_templates', 'letter.txt'), 'dear reader');
      await expect(saveModelFolder(to, { ...request, overwrite: true })).rejects.toThrow('other files ("letter.txt")');
    });
  });
});
