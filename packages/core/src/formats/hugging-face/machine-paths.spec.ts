import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { inTemporaryFolder } from '../testing/raw-files.js';
import { withoutMachinePaths } from './machine-paths.js';
import { openCarriedFiles } from './model-folder.js';
import { saveModelFolder } from './save.js';

it.each([
  ['_name_or_path', '/home/someone/model', false],
  ['_name_or_path', 'C:\\Users\\someone\\model', false],
  ['name_or_path', '~/model', false],
  ['special_tokens_map_file', '/content/drive/special_tokens_map.json', false],
  ['_name_or_path', 'owner/name', true],
  ['chat_template', '/{{ messages }}', true],
  ['vocab_size', 5, true],
])('of an entry %s with %j it is %j that it stays', (name, value, stays) => {
  expect(withoutMachinePaths({ [name]: value })).toEqual(stays ? { [name]: value } : {});
});

it('a saved folder tells no place of the machine, and files that tell none are the same bytes', async () => {
  await inTemporaryFolder(async (folder) => {
    const from = join(folder, 'from');
    const tensors = [{ name: 't', type: 'U8', shape: [1] }] as const;
    const produce = (): Uint8Array[] => [new Uint8Array(1)];
    await saveModelFolder(from, { config: { a: 1 }, tensors, produce });
    const config = '{"a": 1.0, "_name_or_path": "/home/someone/model"}';
    await writeFile(join(from, 'config.json'), config);
    await writeFile(
      join(from, 'tokenizer_config.json'),
      '{"name_or_path": "/home/someone/model", "scale": 1.0, "x": "é"}',
    );
    await writeFile(join(from, 'generation_config.json'), '{ "a":1 }');
    const to = join(folder, 'to');
    const entries = { a: 1, _name_or_path: '/home/someone/model' };
    await saveModelFolder(to, { config: entries, tensors, produce, carryFrom: await openCarriedFiles(from) });
    expect(await readFile(join(to, 'config.json'), 'utf8')).toBe('{\n  "a": 1.0\n}\n');
    const carried = await readFile(join(to, 'tokenizer_config.json'), 'utf8');
    expect(JSON.parse(carried)).toEqual({ scale: 1, x: 'é' });
    expect(carried).toContain('"scale": 1.0');
    expect(await readFile(join(to, 'generation_config.json'), 'utf8')).toBe('{ "a":1 }');
    const again = join(folder, 'again');
    await writeFile(join(from, 'tokenizer_config.json'), '{"name_or_path":"owner/name"}');
    await saveModelFolder(again, { config: { a: 1 }, tensors, produce, carryFrom: await openCarriedFiles(from) });
    expect(await readFile(join(again, 'tokenizer_config.json'), 'utf8')).toBe('{"name_or_path":"owner/name"}');
  });
});
