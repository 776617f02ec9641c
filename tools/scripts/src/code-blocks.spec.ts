// What readers copy from the readmes, CONTRIBUTING and the guides: every TypeScript block compiles and runs, against the built packages.
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { tales, tinyTalesAssets } from '@espalier/plugins';
import ts from 'typescript';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { typescriptBlocks, type CodeBlock } from './code-blocks.js';

const root = path.resolve(import.meta.dirname, '../../..');
// The code of library.md is the readme's.
const guides = (await readdir(path.join(root, 'docs'))).filter((name) => name.endsWith('.md') && name !== 'library.md');
const readmes = ['packages/core', 'packages/backend-ort', 'packages/backend-tfjs', 'packages/plugins', 'packages/run'];
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...guides.map((name) => path.posix.join('docs', name)),
  ...[...readmes, 'tools/generators'].map((own) => `${own}/README.md`),
];
const blocks: CodeBlock[] = [];
for (const page of pages) blocks.push(...typescriptBlocks(page, await readFile(path.join(root, page), 'utf8')));
const named = blocks.map((block) => [`${block.page}:${block.line}`, block] as const);

/** Runs TypeScript as it is. */
const jiti = path.join(root, 'node_modules/jiti/lib/jiti-cli.mjs');
/** Fewer training tokens than a reader would take: what is tested is that the code works. */
const shortened = (code: string): string => code.replaceAll(/tokens: \d+_000\b/g, 'tokens: 4_000');

let folder = '';
const fileOf = ({ page, line }: CodeBlock): string =>
  path.join(folder, `${page.replaceAll('/', '-').replace('.md', '')}-${line}.ts`);

beforeAll(async () => {
  // Below the repository, so that packages are found; in a folder that nothing else looks at.
  await mkdir(path.join(root, 'tools/scripts/dist'), { recursive: true });
  folder = await mkdtemp(path.join(root, 'tools/scripts/dist/blocks-'));
  await writeFile(path.join(folder, 'package.json'), '{ "type": "module" }');
  await cp(fileURLToPath(tinyTalesAssets), path.join(folder, 'my-llama'), { recursive: true });
  const lines: string[] = [];
  for (const tale of tales(1, 'train')) if (lines.push(tale.replaceAll('\n', ' ')) === 2000) break;
  await writeFile(path.join(folder, 'corpus.txt'), lines.join('\n'));
  for (const block of blocks) await writeFile(fileOf(block), shortened(block.code));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('every block compiles', () => {
  const { config } = ts.readConfigFile(path.join(root, 'tsconfig.base.json'), (file) => ts.sys.readFile(file)) as {
    readonly config: { readonly compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(
    { ...config.compilerOptions, noEmit: true, composite: false, declaration: false, customConditions: [] },
    root,
  );
  const program = ts.createProgram(blocks.map(fileOf), { ...options, declarationMap: false });
  const problems = ts.getPreEmitDiagnostics(program).map(({ file, messageText, start }) => {
    const at = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
    return `${path.basename(file?.fileName ?? '')}:${at} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
  expect(problems).toEqual([]);
});

test.each(named)('%s runs', async (_name, block) => {
  await promisify(execFile)(process.execPath, [jiti, fileOf(block)], {
    cwd: folder,
    env: { ...process.env, JITI_FS_CACHE: 'false' },
  });
});

test('blocks are found with their line, and none inside a longer fence', () => {
  const text = [
    '# t',
    '```ts',
    'const a = 1;',
    '```',
    '````md',
    '```ts',
    'no',
    '```',
    '````',
    '```sh',
    'ls',
    '```',
  ].join('\n');
  expect(typescriptBlocks('p.md', text)).toEqual([{ page: 'p.md', line: 3, code: 'const a = 1;' }]);
});
