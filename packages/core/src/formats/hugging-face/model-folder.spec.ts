import { cp, mkdir, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../errors.js';
import { inTemporaryFolder, rawSafetensors } from '../testing/raw-files.js';
import { openModelFolder } from './model-folder.js';

const byte = { dtype: 'U8', shape: [1], data_offsets: [0, 1] };
const weights = (name: string, value = 1): Uint8Array =>
  rawSafetensors({ header: { [name]: byte }, data: Uint8Array.of(value) });
const shards = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'] as const;

/** A folder with these files; an object becomes JSON. */
async function inFolder(
  files: Readonly<Record<string, unknown>>,
  work: (folder: string) => Promise<void>,
): Promise<void> {
  await inTemporaryFolder(async (parent) => {
    const folder = join(parent, 'model');
    await mkdir(folder);
    for (const [name, content] of Object.entries(files))
      await writeFile(
        join(folder, name),
        content instanceof Uint8Array || typeof content === 'string' ? content : JSON.stringify(content),
      );
    await work(folder);
  });
}

async function refusal(path: string): Promise<string> {
  const failure: unknown = await openModelFolder(path).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(InputError);
  return String(failure);
}

const single = { 'config.json': { model_type: 'llama' }, 'model.safetensors': weights('a') };
const sharded = {
  'config.json': {},
  [shards[0]]: weights('a', 1),
  [shards[1]]: weights('b', 2),
  'model.safetensors.index.json': { metadata: { total_size: 2 }, weight_map: { a: shards[0], b: shards[1] } },
};

describe('openModelFolder', () => {
  it('opens one file with its config, and lists the small files to carry along', async () => {
    const extra = {
      'tokenizer.json': '{}',
      'tokenizer_config.json': '{}',
      'special_tokens_map.json': '{}',
      'generation_config.json': '{}',
      'chat_template.jinja': '',
      'vocab.json': '{}',
      'merges.txt': '',
      'tokenizer.model': '',
      LICENSE: '',
      'LICENSE.txt': '',
      'NOTICE.md': '',
    };
    const others = { 'README.md': '', 'training_args.bin': '', 'other.json': '{}', 'model.onnx': '' };
    await inFolder({ ...single, ...extra, ...others }, async (folder) => {
      const model = await openModelFolder(folder);
      expect(model.config).toEqual({ model_type: 'llama' });
      expect(model.configText).toBe('{"model_type":"llama"}');
      expect(model.extraFiles).toEqual(Object.keys(extra).toSorted());
      expect(await model.checkpoint.bytes('a')).toEqual(Uint8Array.of(1));
      await model.checkpoint.close();
    });
  });

  it('opens shards as one, with or without a total size', async () => {
    const plain = { ...sharded, 'model.safetensors.index.json': { weight_map: { a: shards[0], b: shards[1] } } };
    for (const files of [sharded, plain])
      await inFolder(files, async (folder) => {
        const { checkpoint } = await openModelFolder(folder);
        expect([...checkpoint.tensors.keys()]).toEqual(['a', 'b']);
        expect(await checkpoint.bytes('b')).toEqual(Uint8Array.of(2));
        await checkpoint.close();
      });
  });

  it('prefers the single file to an index', async () => {
    await inFolder({ ...single, 'model.safetensors.index.json': 'nonsense' }, async (folder) => {
      const { checkpoint } = await openModelFolder(folder);
      await checkpoint.close();
    });
  });

  it('follows the links of the hub cache from a snapshot to its blobs', async () => {
    await inFolder({}, async (folder) => {
      const snapshot = join(folder, 'snapshots', 'abc');
      await mkdir(snapshot, { recursive: true });
      await mkdir(join(folder, 'blobs'));
      for (const [name, blob] of [
        ['config.json', '1'],
        ['model.safetensors', '2'],
      ] as const) {
        await writeFile(join(folder, 'blobs', blob), name === 'config.json' ? '{}' : weights('a'));
        await symlink(join('..', '..', 'blobs', blob), join(snapshot, name));
      }
      const { checkpoint } = await openModelFolder(snapshot);
      await checkpoint.close();
      await writeFile(join(folder, 'LICENSE'), 'secret');
      await symlink(join('..', '..', 'LICENSE'), join(snapshot, 'LICENSE'));
      expect(await refusal(snapshot)).toContain('"LICENSE" is a link that leaves the folder');
    });
  });

  it.each<[what: string, files: Record<string, unknown>, found: string]>([
    ['an empty folder', {}, 'it holds neither model.safetensors nor model.safetensors.index.json'],
    ['no config.json', { 'model.safetensors': weights('a') }, 'it has model.safetensors but no config.json'],
    ['a config.json that is not JSON', { ...single, 'config.json': '{' }, ', config.json: it is not valid JSON'],
    ['a config.json that is a list', { ...single, 'config.json': [] }, 'config.json is not a JSON object'],
    [
      'a config.json that says a thing twice',
      { ...single, 'config.json': '{"a":1,"a":2}' },
      'the key "a" appears twice',
    ],
    ['damaged weights', { ...single, 'model.safetensors': weights('a').slice(0, -1) }, 'has only 0 bytes of data'],
    [
      'a pickle file',
      { 'config.json': {}, 'pytorch_model.bin': '' },
      'its weights are pickle files (pytorch_model.bin), which are never read. Convert the model once',
    ],
    [
      'pickle shards',
      { 'pytorch_model-1.bin': '', 'pytorch_model.bin.index.json': '{}' },
      '(pytorch_model-1.bin, pytorch_model.bin.index.json)',
    ],
    [
      'an original Llama checkpoint',
      { 'consolidated.00.pth': '' },
      'its weights are pickle files (consolidated.00.pth)',
    ],
    ['a training checkpoint', { 'epoch=3.ckpt': '' }, 'its weights are pickle files (epoch=3.ckpt)'],
    ['a PyTorch file', { 'model.pt': '' }, 'its weights are pickle files (model.pt)'],
    ['an index that is not JSON', { ...sharded, 'model.safetensors.index.json': 'x' }, 'it is not valid JSON'],
    [
      'an index that is a list',
      { ...sharded, 'model.safetensors.index.json': [] },
      'is not an index of tensors and shards',
    ],
    ['an index without a map', { ...sharded, 'model.safetensors.index.json': {} }, '(at "weight_map": '],
    [
      'an index whose map holds numbers',
      { ...sharded, 'model.safetensors.index.json': { weight_map: { a: 1 } } },
      '(at "weight_map.a": ',
    ],
    [
      'an index that names a pickle',
      { ...sharded, 'model.safetensors.index.json': { weight_map: { a: 'a.bin' } } },
      '(at "weight_map.a": ',
    ],
    [
      'an index that names a tensor twice',
      { ...sharded, 'model.safetensors.index.json': `{"weight_map":{"a":"${shards[0]}","a":"${shards[1]}"}}` },
      'the key "a" appears twice',
    ],
    [
      'a missing shard',
      { ...sharded, 'model.safetensors.index.json': { weight_map: { a: 'gone.safetensors' } } },
      'there is no such file or folder. Check that the folder is complete: "gone.safetensors" is missing',
    ],
    [
      'a tensor that its shard lacks',
      { ...sharded, 'model.safetensors.index.json': { weight_map: { a: shards[0], b: shards[1], c: shards[1] } } },
      `"${shards[1]}" lacks tensor "c" that the index puts there`,
    ],
    [
      'a tensor that lies in another shard',
      { ...sharded, 'model.safetensors.index.json': { weight_map: { a: shards[1], b: shards[0] } } },
      `"${shards[1]}" lacks tensor "a"`,
    ],
    [
      'a tensor that the index lacks',
      {
        ...sharded,
        [shards[1]]: rawSafetensors({ header: { b: byte, x: { ...byte, data_offsets: [1, 2] } }, data: 2 }),
      },
      `"${shards[1]}" holds tensor "x" that the index does not put there`,
    ],
    [
      'a tensor with the name of a prototype',
      {
        ...sharded,
        [shards[1]]: weights('constructor'),
        'model.safetensors.index.json': { weight_map: { a: shards[0], b: shards[1] } },
      },
      'lacks tensor "b"',
    ],
    [
      'a tensor in two shards',
      {
        ...sharded,
        [shards[1]]: rawSafetensors({ header: { b: byte, a: { ...byte, data_offsets: [1, 2] } }, data: 2 }),
      },
      `"${shards[1]}" holds tensor "a" that the index does not put there`,
    ],
    [
      'a wrong total size',
      {
        ...sharded,
        'model.safetensors.index.json': { metadata: { total_size: 3 }, weight_map: { a: shards[0], b: shards[1] } },
      },
      'the index claims 3 bytes in all, its tensors have 2',
    ],
    ['a damaged shard', { ...sharded, [shards[1]]: 'x' }, 'the file has 1 bytes, too few for a header'],
    ...[
      '../outside.safetensors',
      '/etc/outside.safetensors',
      'sub/a.safetensors',
      '..\\outside.safetensors',
      'C:\\a.safetensors',
      'a\0.safetensors',
      '.safetensors/../../a.safetensors',
    ].map((name): [string, Record<string, unknown>, string] => [
      `a shard named ${JSON.stringify(name)}`,
      { ...sharded, 'model.safetensors.index.json': { weight_map: { a: name } } },
      `the file name ${JSON.stringify(name)} could leave the folder`,
    ]),
  ])('refuses %s', async (_, files, found) => {
    await inFolder(files, async (folder) => {
      expect(await refusal(folder)).toContain(found);
    });
  });

  it.each(['config.json', 'model.safetensors', 'tokenizer.json'])(
    'refuses %s if it links out of the folder',
    async (name) => {
      await inFolder({ ...single, 'tokenizer.json': '{}' }, async (folder) => {
        await cp(join(folder, name), join(folder, '..', 'outside'));
        await rm(join(folder, name));
        await symlink(join('..', 'outside'), join(folder, name));
        expect(await refusal(folder)).toContain(`"${name}" is a link that leaves the folder`);
      });
    },
  );

  it('refuses a shard that links out of the folder, but not one that links within it', async () => {
    await inFolder(sharded, async (folder) => {
      await cp(join(folder, shards[1]), join(folder, '..', 'outside.safetensors'));
      await cp(join(folder, shards[1]), join(folder, 'inside.safetensors'));
      await rm(join(folder, shards[1]));
      await symlink('inside.safetensors', join(folder, shards[1]));
      await (await openModelFolder(folder)).checkpoint.close();
      await rm(join(folder, shards[1]));
      await symlink(join('..', 'outside.safetensors'), join(folder, shards[1]));
      expect(await refusal(folder)).toContain(`"${shards[1]}" is a link that leaves the folder`);
    });
  });

  it('refuses a folder that is missing, a file, and a pickle file', async () => {
    await inFolder(single, async (folder) => {
      expect(await refusal(join(folder, 'none'))).toContain(
        'there is no such file or folder. Give the path of a folder',
      );
      expect(await refusal(join(folder, 'model.safetensors'))).toContain('it is a file, not a folder');
      await writeFile(join(folder, 'a.ckpt'), '');
      expect(await refusal(join(folder, 'a.ckpt'))).toContain(`it is a pickle file, not a folder. Convert the model`);
    });
  });

  it('quotes the paths in the conversion command for a shell', async () => {
    await inTemporaryFolder(async (parent) => {
      const folder = join(parent, "it's here");
      await mkdir(folder);
      await writeFile(join(folder, 'pytorch_model.bin'), '');
      expect(await refusal(folder)).toContain(`'${parent}/it'\\''s here' '${parent}/it'\\''s here-safetensors'`);
    });
  });

  it('points to the former folder where a save was interrupted', async () => {
    await inFolder(single, async (folder) => {
      await cp(folder, join(folder, '..', '.lost.previous-1'), { recursive: true });
      expect(await refusal(join(folder, '..', 'lost'))).toContain('rename ".lost.previous-1" beside it back to "lost"');
    });
  });

  it('reads what transformers wrote', async () => {
    const folder = join(import.meta.dirname, '../../testing/fixtures/tiny-llama-tied');
    const model = await openModelFolder(folder);
    expect(model.config['model_type']).toBe('llama');
    expect(model.extraFiles).toContain('generation_config.json');
    expect((await readdir(folder)).length).toBeGreaterThan(model.extraFiles.length);
    expect(model.configText).toBe(await readFile(join(folder, 'config.json'), 'utf8'));
    expect(model.checkpoint.tensors.get('model.norm.weight')).toMatchObject({ type: 'BF16', shape: [32] });
    await model.checkpoint.close();
  });
});
