import { createHash } from 'node:crypto';
import { access, cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../errors.js';
import { inTemporaryFolder } from '../testing/raw-files.js';
import { openTokenizer } from './open.js';

interface Golden {
  readonly vocabularySize: number;
  readonly bos: number;
  readonly eos: number;
  readonly cases: readonly { readonly text: string; readonly ids: number[]; readonly decoded: string }[];
}

const fixtures = join(import.meta.dirname, '../fixtures');
const shared = join(import.meta.dirname, '../../../../../../shared');
const stories = join(shared, 'models/stories260K');
const golden = JSON.parse(await readFile(join(fixtures, 'tokenizers.json'), 'utf8')) as Record<
  'byte-level' | 'byte-fallback' | 'word-level' | 'stories260K',
  Golden
> & { readonly stories260K: { readonly tinystories: { lines: number; tokens: number; sha256: string } } };
const hasStories = await access(stories).then(
  () => true,
  () => false,
);

describe.each([
  { name: 'byte-level', folder: join(fixtures, 'byte-level'), present: true },
  { name: 'byte-fallback', folder: join(fixtures, 'byte-fallback'), present: true },
  { name: 'word-level', folder: join(fixtures, 'word-level'), present: true },
  { name: 'stories260K', folder: stories, present: hasStories },
] as const)('the tokenizer $name', ({ name, folder, present }) => {
  const { cases, ...facts } = golden[name];

  it.skipIf(!present).each(cases)("gives Hugging Face's ids and text for $text", async ({ text, ids, decoded }) => {
    const tokenizer = await openTokenizer(folder);
    expect(tokenizer.encode(text)).toEqual(ids);
    expect(tokenizer.decode(ids)).toBe(decoded);
  });

  it.skipIf(!present)('knows its size and its special tokens', async () => {
    const { vocabularySize, prefix, suffix, sampleStart, eos, endTokens } = await openTokenizer(folder);
    expect(facts).toMatchObject({ vocabularySize, bos: prefix[0], eos });
    expect({ suffix, sampleStart, endTokens }).toEqual({ suffix: [], sampleStart: prefix, endTokens: [eos] });
  });
});

describe('openTokenizer', () => {
  it.skipIf(!hasStories)('encodes and decodes TinyStories as Hugging Face does (stories260K)', async () => {
    const tokenizer = await openTokenizer(stories);
    const lines = (await readFile(join(shared, 'data/tinystories.txt'), 'utf8'))
      .split(/\r?\n/)
      .filter((line) => line !== '');
    const ids = lines.map((line) => tokenizer.encode(line));
    expect(ids.map((list) => tokenizer.decode(list))).toEqual(lines);
    const text = ids.map((list) => list.join(' ')).join('\n');
    expect({
      lines: lines.length,
      tokens: ids.flat().length,
      sha256: createHash('sha256').update(text).digest('hex'),
    }).toEqual(golden.stories260K.tinystories);
  });

  it('fingerprints the bytes of tokenizer.json', async () => {
    const bytes = await readFile(join(fixtures, 'byte-level/tokenizer.json'));
    const { fingerprint } = await openTokenizer(join(fixtures, 'byte-level'));
    expect(fingerprint).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  it('needs no tokenizer_config.json; special_tokens_map.json wins over one that does not list the added tokens', async () => {
    await inTemporaryFolder(async (folder) => {
      await cp(join(fixtures, 'byte-level/tokenizer.json'), join(folder, 'tokenizer.json'));
      const plain = await openTokenizer(folder);
      expect([plain.prefix, plain.eos]).toEqual([[1], undefined]);
      await writeFile(join(folder, 'tokenizer_config.json'), '{"bos_token": null, "eos_token": "</s>"}');
      await writeFile(join(folder, 'special_tokens_map.json'), '{"bos_token": {"content": "<s>"}, "eos_token": "<s>"}');
      expect((await openTokenizer(folder)).eos).toBe(1); // as AutoTokenizer of transformers 5.24
      await writeFile(join(folder, 'tokenizer_config.json'), '{"eos_token": "</s>", "added_tokens_decoder": {}}');
      expect((await openTokenizer(folder)).eos).toBe(2);
    });
  });

  it('does not let tokenizer_config.json change how text is encoded', async () => {
    await inTemporaryFolder(async (folder) => {
      await cp(join(fixtures, 'byte-level/tokenizer.json'), join(folder, 'tokenizer.json'));
      const config = { remove_space: true, do_lowercase_and_remove_accent: true, clean_up_tokenization_spaces: true };
      await writeFile(join(folder, 'tokenizer_config.json'), JSON.stringify(config));
      const tokenizer = await openTokenizer(folder);
      const text = ' Ä  b , c';
      expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
    });
  });

  it.each([-1, 400, 1.5, NaN, Infinity])('refuses to decode the id %s', async (id) => {
    const tokenizer = await openTokenizer(join(fixtures, 'byte-level'));
    expect(() => tokenizer.decode([5, id, 6])).toThrow(InputError);
    expect(() => tokenizer.decode([5, id, 6])).toThrow(
      `no token has the id ${id}. Ids must be whole numbers from 0 to 399`,
    );
  });

  const valid = {
    version: '1.0',
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    decoder: null,
  };
  const model = { type: 'BPE', vocab: { a: 0, b: 1, ab: 2 }, merges: ['a b'] };

  it('opens the least that is a tokenizer', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFile(join(folder, 'tokenizer.json'), JSON.stringify({ ...valid, model }));
      const tokenizer = await openTokenizer(folder);
      expect(tokenizer.vocabularySize).toBe(3);
      expect(tokenizer.encode('abba')).toEqual([2, 1, 0]);
    });
  });

  it.each<[what: string, content: unknown, found: string]>([
    ['text that is not JSON', 'nope', ', tokenizer.json: it is not valid JSON'],
    ['a list', [], 'it is not a tokenizer that can be read'],
    ['null', null, 'it is not a tokenizer that can be read'],
    ['no model', valid, '(at "model": '],
    ['no vocabulary', { ...valid, model: { type: 'BPE', merges: [] } }, 'the vocabulary is no object of ids'],
    ['ids that are text', { ...valid, model: { ...model, vocab: { a: '0' } } }, 'the id of a token is no whole number'],
    ['a negative id', { ...valid, model: { ...model, vocab: { a: -1 } } }, 'the id of a token is no whole number'],
    [
      'an id that would fill the memory',
      { ...valid, model: { ...model, vocab: { a: 4e9 } } },
      'the id of a token is no whole number',
    ],
    ['an added token without text', { ...valid, model, added_tokens: [{ id: 3 }] }, '(at "added_tokens.0.content": '],
    [
      'an added token with a huge id',
      { ...valid, model, added_tokens: [{ id: 4e9, content: 'x' }] },
      '(at "added_tokens.0.id": ',
    ],
    ['no added tokens', { ...valid, model, added_tokens: undefined }, '(at "added_tokens": '],
    ['an unknown decoder', { ...valid, model, decoder: { type: 'constructor' } }, '(unknown decoder constructor)'],
    ['an unknown model', { ...valid, model: { ...model, type: 'GPT' } }, 'it is not a tokenizer that can be read ('],
    ['no merges', { ...valid, model: { ...model, merges: undefined } }, 'it is not a tokenizer that can be read ('],
  ])('refuses a tokenizer.json with %s', async (_, content, found) => {
    await inTemporaryFolder(async (folder) => {
      await writeFile(join(folder, 'tokenizer.json'), typeof content === 'string' ? content : JSON.stringify(content));
      const refusal = openTokenizer(folder);
      await expect(refusal).rejects.toThrow(InputError);
      await expect(refusal).rejects.toThrow(found);
    });
  });

  it('refuses a text with pieces that have no id', async () => {
    await inTemporaryFolder(async (folder) => {
      const words = { type: 'WordPiece', vocab: { a: 0 }, unk_token: '[UNK]', continuing_subword_prefix: '##' };
      await writeFile(join(folder, 'tokenizer.json'), JSON.stringify({ ...valid, model: words }));
      const tokenizer = await openTokenizer(folder);
      expect(() => tokenizer.encode('c')).toThrow(InputError);
      expect(() => tokenizer.encode('c')).toThrow('a piece of the text has no id');
    });
  });

  it('refuses a folder without tokenizer.json, and says how one is made', async () => {
    await inTemporaryFolder(async (folder) => {
      const refusal = openTokenizer(folder);
      await expect(refusal).rejects.toThrow(InputError);
      await expect(refusal).rejects.toThrow('the folder has no tokenizer.json. Add it; ');
    });
  });

  it('refuses a tokenizer.json that links out of the folder', async () => {
    await inTemporaryFolder(async (parent) => {
      await cp(join(fixtures, 'byte-level/tokenizer.json'), join(parent, 'tokenizer.json'));
      await mkdir(join(parent, 'model'));
      await symlink(join('..', 'tokenizer.json'), join(parent, 'model', 'tokenizer.json'));
      await expect(openTokenizer(join(parent, 'model'))).rejects.toThrow(
        '"tokenizer.json" is a link that leaves the folder',
      );
    });
  });

  it('refuses special tokens that the vocabulary does not have', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFile(join(folder, 'tokenizer.json'), JSON.stringify({ ...valid, model }));
      await writeFile(join(folder, 'tokenizer_config.json'), '{"bos_token": "<bos>"}');
      await expect(openTokenizer(folder)).rejects.toThrow(
        'tokenizer_config.json names the token "<bos>", which tokenizer.json',
      );
      await writeFile(join(folder, 'tokenizer_config.json'), '{"bos_token": 7}');
      await expect(openTokenizer(folder)).rejects.toThrow('(at "bos_token": ');
    });
  });
});
