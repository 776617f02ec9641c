// What may lie in a model folder in place of a file: pipes (opening one waits for ever), folders, pointers of Git LFS.
import { execFileSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../errors.js';
import { inTemporaryFolder, rawSafetensors } from '../testing/raw-files.js';
import { openModelFolder } from './model-folder.js';

const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'4d'.repeat(32)}\nsize 12345678\n`;
const good = {
  'config.json': '{"model_type": "llama"}',
  'model.safetensors': rawSafetensors({ header: {} }),
  'tokenizer.model': 'bytes',
  'additional_chat_templates/rag.jinja': '{{ messages }}',
};

/** A model folder in which `name` is made otherwise. */
async function folderWith(folder: string, name: string, make: (path: string) => Promise<void> | void): Promise<void> {
  await mkdir(join(folder, 'additional_chat_templates'));
  for (const [own, content] of Object.entries(good)) if (own !== name) await writeFile(join(folder, own), content);
  await make(join(folder, name));
}

async function error(work: Promise<unknown>): Promise<InputError> {
  const caught: unknown = await work.then(
    () => undefined,
    (own: unknown) => own,
  );
  if (caught instanceof InputError) return caught;
  throw new Error(`not refused: ${String(caught)}`);
}

describe('a model folder', () => {
  for (const name of Object.keys(good)) {
    test(`is refused where ${name} is a pointer of Git LFS, with what to run`, () =>
      inTemporaryFolder(async (folder) => {
        await folderWith(folder, name, (path) => writeFile(path, pointer));
        const { message } = await error(openModelFolder(folder));
        expect(message).toContain('is a pointer of Git LFS, not the file itself');
        expect(message).toContain('git lfs pull');
      }));

    test(`is refused where ${name} is a folder`, () =>
      inTemporaryFolder(async (folder) => {
        await folderWith(folder, name, (path) => mkdir(path).then(() => undefined));
        expect((await error(openModelFolder(folder))).message).toMatch(/is a folder/);
      }));

    test.skipIf(process.platform === 'win32')(`is refused where ${name} is a pipe, without opening it`, () =>
      inTemporaryFolder(async (folder) => {
        await folderWith(folder, name, (path) => void execFileSync('mkfifo', [path]));
        expect((await error(openModelFolder(folder))).message).toContain('is not a regular file');
      }),
    );
  }

  test('is refused where config.json is larger than any', () =>
    inTemporaryFolder(async (folder) => {
      await folderWith(folder, 'config.json', (path) => writeFile(path, ' '.repeat(10_000_001)));
      expect((await error(openModelFolder(folder))).message).toContain(
        'more than the 10000000 that such a file may have',
      );
    }));

  test.skipIf(process.platform === 'win32')(
    "takes chat templates from the hub's cache, whose files are links into its blobs, and no other link",
    () =>
      inTemporaryFolder(async (cache) => {
        const folder = join(cache, 'snapshots', 'a1');
        await mkdir(folder, { recursive: true });
        await mkdir(join(cache, 'blobs'));
        await writeFile(join(cache, 'blobs', 'b1'), '{{ messages }}');
        const template = 'additional_chat_templates/rag.jinja';
        await folderWith(folder, template, (path) => symlink('../../../blobs/b1', path));
        const model = await openModelFolder(folder);
        expect(model.extraFiles).toContain(template);
        await model.checkpoint.close();
        await symlink(join(import.meta.dirname, 'save.ts'), join(folder, 'additional_chat_templates', 'other.jinja'));
        expect((await error(openModelFolder(folder))).message).toContain('is a link that leaves the folder');
      }),
  );

  test('opens with everything in its place', () =>
    inTemporaryFolder(async (folder) => {
      await folderWith(folder, 'config.json', (path) => writeFile(path, good['config.json']));
      const model = await openModelFolder(folder);
      expect(model.extraFiles).toEqual(['additional_chat_templates/rag.jinja', 'tokenizer.model']);
      await model.checkpoint.close();
    }));
});
