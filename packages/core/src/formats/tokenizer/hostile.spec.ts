// Tokenizer files that mean harm, and texts that are none.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../errors.js';
import { inTemporaryFolder } from '../testing/raw-files.js';
import { openTokenizer, type Tokenizer } from './open.js';

const vocab = { a: 0, b: 1, '!': 2, ' ': 3 };
const plain = {
  added_tokens: [],
  normalizer: null,
  pre_tokenizer: null,
  post_processor: null,
  decoder: { type: 'Fuse' },
  model: { type: 'BPE', vocab, merges: [] },
};

async function opened(file: object, others: Readonly<Record<string, unknown>> = {}): Promise<Tokenizer> {
  return inTemporaryFolder(async (folder) => {
    for (const [name, content] of Object.entries({ 'tokenizer.json': file, ...others }))
      await writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
    return openTokenizer(folder);
  });
}

const split = (Regex: string) => ({ type: 'Split', pattern: { Regex }, behavior: 'Isolated', invert: false });

describe('a regular expression', () => {
  test.each([
    ['a pre-tokenizer', { pre_tokenizer: split('(a+)+$') }],
    ['a normalizer', { normalizer: { type: 'Replace', pattern: { Regex: '(a|a)*b$' }, content: '' } }],
    ['one of a sequence', { pre_tokenizer: { type: 'Sequence', pretokenizers: [split('(?:a|b|ab)*c')] } }],
  ])(
    'of %s that would try for ever ends in an error',
    async (_where, parts) => {
      const tokenizer = await opened({ ...plain, ...parts });
      expect(tokenizer.encode('ab!')).toEqual([0, 1, 2]);
      let refusal: unknown;
      try {
        tokenizer.encode(`${'ab'.repeat(30)}${'a'.repeat(60)}!`);
      } catch (error) {
        refusal = error;
      }
      expect(refusal).toBeInstanceOf(InputError);
      expect(String(refusal)).toMatch(/a regular expression of tokenizer.json tries too many ways/);
      expect(tokenizer.encode('ab!')).toEqual([0, 1, 2]);
    },
    30_000,
  );

  test.each([
    '(a',
    '[a',
    'a**+?',
    '(?<x>a)',
    '(?>a)',
    String.raw`\1`,
    String.raw`\p{Nope}`,
    '[]',
    '(?#',
    'x'.repeat(10_001),
  ])('that cannot be carried over is refused: %s', async (Regex) => {
    const attempt = opened({ ...plain, pre_tokenizer: split(Regex) });
    await expect(attempt).rejects.toThrow(InputError);
    await expect(attempt).rejects.toThrow(/it is not a tokenizer that can be read/);
  });
});

test('tokens named like members of objects are tokens', async () => {
  const names = ['__proto__', 'constructor', 'toString'];
  const body = JSON.stringify({ ...plain, model: { type: 'WordLevel', vocab: {}, unk_token: 'toString' } });
  const listed = names.map((name, id) => `"${name}":${id}`).join();
  const pre = '{"type":"WhitespaceSplit"}';
  const file = body
    .replace('"vocab":{}', `"vocab":{${listed}}`)
    .replace('"pre_tokenizer":null', `"pre_tokenizer":${pre}`);
  const tokenizer = await opened({}, { 'tokenizer.json': file });
  expect(tokenizer.encode('__proto__ constructor valueOf')).toEqual([0, 1, 2]);
  expect(tokenizer.decode([0, 1])).toBe('__proto__constructor');
});

test.each([
  ['normalizer', { type: 'constructor' }],
  ['pre_tokenizer', { type: '__proto__' }],
  ['post_processor', { type: 'toString' }],
  ['post_processor', { type: 'TemplateProcessing', single: [{ SpecialToken: { id: 'constructor' } }, { Sequence: { id: 'A' } }], special_tokens: {} }],
  ['post_processor', { type: 'TemplateProcessing', single: [], special_tokens: {} }],
  ['post_processor', { type: 'BertProcessing', cls: ['x', 99], sep: ['y', 0] }],
  ['normalizer', { type: 'Precompiled', precompiled_charsmap: 'AAAA/w==' }],
])('a %s that is none is refused: %j', async (part, config) => {
  await expect(opened({ ...plain, [part]: config })).rejects.toThrow(InputError);
}); // prettier-ignore

test('half of a surrogate pair is no text', async () => {
  const tokenizer = await opened(plain);
  expect(() => tokenizer.encode('ab\ud800a')).toThrow(InputError);
  expect(() => tokenizer.encode('ab\ud800a')).toThrow('at character 2 it holds half of a surrogate pair');
  expect(() => tokenizer.encode('ab😀')).not.toThrow();
});

describe('the token that ends a document, and those that end generation', () => {
  const file = { ...plain, added_tokens: [] };

  test.each<[what: string, files: Readonly<Record<string, unknown>>, eos: number | undefined, ends: readonly number[]]>([
    ['nowhere', {}, undefined, []],
    ['a string of tokenizer_config.json', { 'tokenizer_config.json': { eos_token: 'b' } }, 1, [1]],
    ['an object of it', { 'tokenizer_config.json': { eos_token: { content: 'b' } } }, 1, [1]],
    ['a number of config.json', { 'config.json': { eos_token_id: 2 } }, 2, [2]],
    ['a list of generation_config.json, before config.json', { 'generation_config.json': { eos_token_id: [2, 0] }, 'config.json': { eos_token_id: 1 } }, 2, [2, 0]],
    ['both', { 'tokenizer_config.json': { eos_token: 'b' }, 'generation_config.json': { eos_token_id: [2, 1] } }, 1, [1, 2]],
    ['ids without a token, and null', { 'generation_config.json': { eos_token_id: null }, 'config.json': { eos_token_id: [900, 1] } }, 1, [1]],
  ])('are read from %s', async (_what, files, eos, ends) => {
    const tokenizer = await opened(file, files);
    expect([tokenizer.eos, tokenizer.endTokens]).toEqual([eos, ends]);
  }); // prettier-ignore

  test('a text sampled from nothing begins with what the tokenizer puts first, else BOS, else EOS', async () => {
    const bos = { 'tokenizer_config.json': { bos_token: 'a', eos_token: 'b' } };
    const processor = { type: 'RobertaProcessing', cls: ['!', 2], sep: ['!', 2] };
    expect((await opened({ ...file, post_processor: processor }, bos)).sampleStart).toEqual([2]);
    expect((await opened(file, bos)).sampleStart).toEqual([0]);
    expect((await opened(file, { 'config.json': { bos_token_id: 3, eos_token_id: 1 } })).sampleStart).toEqual([3]);
    expect((await opened(file, { 'tokenizer_config.json': { bos_token: null, eos_token: 'b' } })).sampleStart).toEqual([
      1,
    ]);
    expect((await opened(file)).sampleStart).toEqual([]);
  });

  test.each(['"2"', '1.5', '{}', '[[1]]'])('eos_token_id %s is refused', async (id) => {
    const attempt = opened(file, { 'generation_config.json': `{"eos_token_id": ${id}}` });
    await expect(attempt).rejects.toThrow(
      /generation_config.json: its special tokens cannot be read \(at "eos_token_id"/,
    );
  });
});
