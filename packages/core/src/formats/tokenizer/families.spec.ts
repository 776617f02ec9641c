// Tokenizers built like those of known families, on nasty texts, against Hugging Face's own implementation (tools/oracle/tokenizers-small.py).
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inTemporaryFolder } from '../testing/raw-files.js';
import { openTokenizer } from './open.js';

interface Golden {
  readonly families: Readonly<
    Record<
      string,
      {
        readonly tokenizer: unknown;
        readonly cases: readonly {
          readonly text: string;
          readonly document: readonly number[];
          readonly ids: readonly number[];
          readonly decoded: string;
        }[];
      }
    >
  >;
}

const path = join(import.meta.dirname, '../fixtures/tokenizer-families.json');
const { families } = JSON.parse(await readFile(path, 'utf8')) as Golden;

test.each(Object.entries(families))(
  "texts have Hugging Face's ids and documents its special tokens: %s",
  async (_name, { tokenizer: file, cases }) => {
    await inTemporaryFolder(async (folder) => {
      await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(file));
      const tokenizer = await openTokenizer(folder);
      const own = cases.map(({ text, ids }) => ({
        text,
        document: [...tokenizer.prefix, ...tokenizer.encode(text), ...tokenizer.suffix],
        decoded: tokenizer.decode(ids),
        ids: tokenizer.encode(text),
      }));
      expect(own).toEqual(cases);
    });
  },
);
