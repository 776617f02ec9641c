// What the package manifests promise: exact versions, one version per dependency, every import declared, everything in what is published.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

const root = path.resolve(import.meta.dirname, '../../..');
const versions = z.record(z.string(), z.string()).default({});
const manifest = z.object({
  dependencies: versions,
  devDependencies: versions,
  peerDependencies: versions,
  workspaces: z.array(z.string()).default([]),
  private: z.boolean().default(false),
  version: z.string(),
  license: z.string(),
  description: z.string().default(''),
  keywords: z.array(z.string()).default([]),
  publishConfig: z.object({ access: z.string() }).optional(),
  repository: z.unknown().optional(),
  files: z.array(z.string()).default([]),
  exports: z.record(z.string(), z.union([z.string(), z.record(z.string(), z.string())])).default({}),
});
const read = (folder: string): z.infer<typeof manifest> =>
  manifest.parse(JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8')));

const top = read('.');
const packages = top.workspaces;

/** Names of the packages that a source file imports; type-only and dynamic imports included. */
function importsOf(code: string): string[] {
  return ts
    .preProcessFile(code)
    .importedFiles.map(({ fileName }) => fileName)
    .filter((name) => !/^(\.|node:)/.test(name))
    .map((name) => name.split('/', name.startsWith('@') ? 2 : 1).join('/'));
}

/** Every import of the sources that a package builds (helpers of tests may be left out of the build), as `file: package`. */
function imports(folder: string): { file: string; name: string }[] {
  const testingIsBuilt = !readFileSync(path.join(root, folder, 'tsconfig.lib.json'), 'utf8').includes('/testing/**');
  return readdirSync(path.join(root, folder, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
    .filter((file) => testingIsBuilt || !file.startsWith(`testing${path.sep}`))
    .flatMap((file) =>
      importsOf(readFileSync(path.join(root, folder, 'src', file), 'utf8')).map((name) => ({ file, name })),
    );
}

describe.each(packages)('%s', (folder) => {
  const own = read(folder);

  test('declares every package that its sources import', () => {
    const declared = new Set(Object.keys({ ...own.dependencies, ...own.peerDependencies }));
    expect(imports(folder).filter(({ name }) => !declared.has(name))).toEqual([]);
  });

  test('references the packages of ours that it depends on, so that builds come in order', () => {
    const ours = Object.keys(own.dependencies).filter((name) => name.startsWith('@espalier/'));
    const config = readFileSync(path.join(root, folder, 'tsconfig.lib.json'), 'utf8');
    const referenced = [...config.matchAll(/([\w-]+)\/tsconfig\.lib\.json"/g)].map(
      (match) => `@espalier/${match[1] ?? ''}`,
    );
    expect(referenced.sort()).toEqual(ours.sort());
  });
});

describe.each(packages.filter((folder) => !read(folder).private))('%s can be published', (folder) => {
  const own = read(folder);
  const packed = (file: string): boolean =>
    file === './package.json' || own.files.some((given) => file === `./${given}` || file.startsWith(`./${given}/`));

  test('with a readme of its own, the licence, and the version of all', () => {
    expect(existsSync(path.join(root, folder, 'README.md'))).toBe(true);
    const licence = (of: string): string => readFileSync(path.join(root, of, 'LICENSE'), 'utf8');
    expect(licence(folder)).toBe(licence('.'));
    expect([own.license, own.version]).toEqual([top.license, top.version]);
  });

  test('with what a registry shows of it, to everybody, and no address that nobody knows', () => {
    expect(own.description).toMatch(/^[A-Z].*\.$/);
    expect(own.keywords.length).toBeGreaterThan(2);
    expect(own.publishConfig).toEqual({ access: 'public' });
    expect(own.repository).toEqual(top.repository);
  });

  test('with every file that its exports name, declarations included', () => {
    const targets = Object.values(own.exports).flatMap((target) =>
      typeof target === 'string' ? [target] : [target['types'] ?? 'no types', target['default'] ?? 'no default'],
    );
    expect(targets.filter((target) => !packed(target))).toEqual([]);
  });
});

test('versions are exact and agree between packages', () => {
  const seen = new Map<string, Set<string>>();
  for (const { dependencies, devDependencies } of [top, ...packages.map(read)]) {
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
      seen.set(name, new Set([...(seen.get(name) ?? []), version]));
    }
  }
  const wrong = [...seen].filter(([, found]) => found.size > 1 || ![...found].every((v) => /^\d+\.\d+\.\d+$/.test(v)));
  expect(wrong).toEqual([]);
});

test('imports are found in every form', () => {
  const code = [
    "import 'reflect-metadata';",
    "import type { a } from '@scope/one/sub';",
    "import {\n  b,\n  c,\n} from 'two';",
    "export * from 'three';",
    "const four = await import('four');",
    "import fs from 'node:fs';",
    "import { d } from './d.js';",
  ].join('\n');
  expect(importsOf(code)).toEqual(['reflect-metadata', '@scope/one', 'two', 'three', 'four']);
});
