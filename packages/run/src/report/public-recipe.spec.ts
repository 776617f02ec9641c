// What a published recipe tells of the machine it ran on: names, never places.
import { expect, test } from 'vitest';
import { publicRecipe, withoutPaths } from './public-recipe.js';

test.each([
  ['/home/someone/models/llama', 'llama'],
  ['/home/someone/My Models/llama 8b/', 'llama 8b'],
  ['C:\\Users\\someone\\llama', 'llama'],
  ['\\\\server\\share\\llama', 'llama'],
  ['~/models/llama', 'llama'],
  ['file:///home/someone/llama', 'llama'],
  ['half of /data/models/llama, by me', 'half of llama, by me'],
  ['seen in "/home/someone/x"', 'seen in "x"'],
  ['owner/name', 'owner/name'],
  ['hub:owner/name', 'hub:owner/name'],
  ['data/train-*.parquet', 'data/train-*.parquet'],
  ['https://huggingface.co/owner/name', 'https://huggingface.co/owner/name'],
  ['hidden=48,ffn=96', 'hidden=48,ffn=96'],
  ['and/or', 'and/or'],
  ['./plugin.ts', './plugin.ts'],
])('%j is told as %j', (text, told) => {
  expect(withoutPaths(text)).toBe(told);
});

test('paths and tokens are taken out wherever they stand, and numbers stay', () => {
  const recipe = {
    model: '/home/someone/llama',
    plugins: ['/home/someone/plugin.ts'],
    data: { source: 'x', options: { url: 'https://me:pass@host/x?token=abc', n: 5, deep: [['hf_abcdefghijklmnop']] } },
  };
  expect(publicRecipe(recipe)).toEqual({
    model: 'llama',
    plugins: ['plugin.ts'],
    data: { source: 'x', options: { url: 'https://[secret]@host/x?token=[secret]', n: 5, deep: [['[secret]']] } },
  });
});
