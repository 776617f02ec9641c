import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inTemporaryFolder } from '../testing/raw-files.js';
import { readCardData, type CardData } from './card-data.js';

const read = (text: string): Promise<CardData> =>
  inTemporaryFolder(async (folder) => {
    await writeFile(join(folder, 'README.md'), text);
    return readCardData(folder);
  });

test('licence and base model come from the front matter, quoted or plain, alone or first of a list', async () => {
  expect(await read('---\nlicense: apache-2.0\nbase_model: Qwen/Qwen2.5-0.5B # the base\n---\n# Card')).toEqual({
    license: 'apache-2.0',
    baseModel: 'Qwen/Qwen2.5-0.5B',
  });
  const other =
    '---\r\nlicense: other\r\nlicense_name: "own terms"\r\nlicense_link: LICENSE\r\nbase_model:\r\n- a/b\r\n- c/d\r\n---\r\n';
  expect(await read(other)).toEqual({
    license: 'other',
    licenseName: 'own terms',
    licenseLink: 'LICENSE',
    baseModel: 'a/b',
  });
});

test('nothing is guessed: no front matter, nested values and text further down give nothing', async () => {
  expect(await read('# license: mit')).toEqual({});
  expect(await read('text\n---\nlicense: mit\n---\n')).toEqual({});
  expect(await read('---\nlicense: {a: b}\nbase_model: [a/b]\nmodel:\n  license: mit\n---\n')).toEqual({});
  expect(await inTemporaryFolder((folder) => readCardData(folder))).toEqual({});
});

test.skipIf(process.platform === 'win32')('a README that is a pipe is refused, not opened', () =>
  inTemporaryFolder(async (folder) => {
    execFileSync('mkfifo', [join(folder, 'README.md')]);
    await expect(readCardData(folder)).rejects.toThrow('is not a regular file');
  }),
);
