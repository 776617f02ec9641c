// Every generator, run on a copy of this repository: all that it makes type-checks, in one program, and passes its own tests.
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile, symlink } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Tree } from '@nx/devkit';
import { FsTree } from 'nx/src/generators/tree';
import ts from 'typescript';
import { afterAll, beforeAll, expect, test } from 'vitest';
import backendGenerator from './backend/generator.js';
import { kinds } from './index.js';
import opGenerator from './op/generator.js';
import pluginGenerator from './plugin/generator.js';

const root = path.resolve(import.meta.dirname, '../../..');
/** What the generated files are next to. */
const neighbours = ['packages/core', 'packages/testing', 'packages/plugins', 'tsconfig.base.json'];
const isSource = (file: string): boolean => !/[/\\](dist|node_modules)$|\.spec\.ts$/.test(file);
/** The copy: below the repository, so that packages are found, in a folder that nothing else looks at. */
let copy = '';
/** Files that were made or changed, by path in the copy. */
let written: readonly string[] = [];

/** All generators run on the repository as Nx sees it: changes are kept in memory. */
async function generated(): Promise<Tree> {
  const tree = new FsTree(root, false);
  for (const kind of kinds) await pluginGenerator(tree, { name: `made-${kind}`, kind });
  await opGenerator(tree, { name: 'made-op' });
  await backendGenerator(tree, { name: 'made' });
  return tree;
}

beforeAll(async () => {
  await mkdir(path.join(root, 'tools/generators/dist'), { recursive: true });
  copy = await mkdtemp(path.join(root, 'tools/generators/dist/copy-'));
  for (const own of neighbours) {
    await cp(path.join(root, own), path.join(copy, own), { recursive: true, filter: isSource });
  }
  // What is copied finds what is copied.
  await mkdir(path.join(copy, 'node_modules/@espalier'), { recursive: true });
  for (const own of ['core', 'testing', 'plugins']) {
    await symlink(path.join(copy, 'packages', own), path.join(copy, 'node_modules/@espalier', own), 'junction');
  }
  const changes = (await generated()).listChanges();
  for (const { path: file, content } of changes) {
    await mkdir(path.dirname(path.join(copy, file)), { recursive: true });
    await writeFile(path.join(copy, file), content ?? '');
  }
  written = changes.map((change) => change.path);
});
afterAll(() => rm(copy, { recursive: true, force: true }));

test('each kind comes with a source and a test', () => {
  const made = written.filter((file) => /\bmade\b/.test(file) && file.endsWith('.spec.ts'));
  expect(made).toHaveLength(kinds.length + 3);
});

test('all of it type-checks, what it is registered in included', () => {
  const { config } = ts.readConfigFile(path.join(root, 'tsconfig.base.json'), (file) => ts.sys.readFile(file)) as {
    readonly config: { readonly compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(
    { ...config.compilerOptions, noEmit: true, declaration: false, declarationMap: false },
    root,
  );
  const own = written.filter((file) => file.endsWith('.ts')).map((file) => path.join(copy, file));
  const program = ts.createProgram(own, options);
  const problems = own.flatMap((name) => {
    const file = program.getSourceFile(name);
    if (file === undefined) return [`${name} is not in the program`];
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
      ({ messageText, start = 0 }) =>
        `${path.relative(copy, name)}:${file.getLineAndCharacterOfPosition(start).line + 1} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
    );
  });
  expect(problems).toEqual([]);
});

test('all of it passes its own tests', async () => {
  const config = `export default {
    ssr: { resolve: { conditions: ['@espalier/source'] } },
    test: { include: ['packages/**/made*.spec.ts', 'packages/backend-made/**/*.spec.ts'], setupFiles: ['reflect-metadata'], maxWorkers: 1, isolate: false },
  };`;
  await writeFile(path.join(copy, 'vitest.config.mjs'), config);
  const { VITEST: _vitest, NODE_OPTIONS: _options, ...env } = process.env;
  const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
  const told = promisify(execFile)(process.execPath, [vitest, 'run', '--reporter', 'json'], { cwd: copy, env });
  const { stdout, stderr } = await told.catch(
    (error: unknown) => error as Readonly<Record<'stdout' | 'stderr', string>>,
  );
  const { testResults = [] } = JSON.parse(stdout.trim() === '' ? '{}' : stdout) as VitestReport;
  const failed = testResults.flatMap(({ name, message, assertionResults }) => [
    ...(message === '' ? [] : [`${path.relative(copy, name)}: ${message}`]),
    ...assertionResults.flatMap(({ fullName, failureMessages }) => failureMessages.map((why) => `${fullName}: ${why}`)),
  ]);
  expect(failed, stderr).toEqual([]);
  expect(testResults, stderr).toHaveLength(kinds.length + 3);
  expect(testResults.filter(({ assertionResults }) => assertionResults.length === 0)).toEqual([]);
});

/** What vitest's JSON reporter says, as far as it is looked at. */
interface VitestReport {
  readonly testResults?: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly failureMessages: readonly string[] }[];
  }[];
}
