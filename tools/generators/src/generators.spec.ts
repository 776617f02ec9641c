// What is generated, without writing it. That the packages build and pass their suites is proven from outside (tools/cli).
import { readFile } from 'node:fs/promises';
import { tokens } from '@espalier/core';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { camelCase, generateStrategy, kinds, nameProblem, packageFiles } from './index.js';
import { provided } from './register.js';

test.each([
  ['my-scorer', 'myScorer'],
  ['top-2', 'top2'],
  ['plain', 'plain'],
])('%s is %s in code', (name, code) => expect(camelCase(name)).toBe(code));

test.each(['My-scorer', 'my_scorer', '-scorer', 'my--scorer', '2nd', ''])('%j is no name', (name) => {
  expect(nameProblem(name)).toContain('kebab-case');
});

/** Errors of syntax in TypeScript code. */
function syntaxErrors(code: string): readonly string[] {
  const { diagnostics = [] } = ts.transpileModule(code, { reportDiagnostics: true });
  return diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
}

test('every kind of strategy can be generated, by the command and by Nx', async () => {
  expect([...kinds].sort()).toEqual(Object.keys(tokens).sort());
  const schema: unknown = JSON.parse(await readFile(new URL('../schemas/plugin.json', import.meta.url), 'utf8'));
  expect(schema).toMatchObject({ properties: { kind: { enum: kinds } } });
});

test.each(kinds)('a %s has a source that parses and a test that makes one', (kind) => {
  const { source, spec, exported } = generateStrategy(kind, 'my-own');
  expect(syntaxErrors(source)).toEqual([]);
  expect(source).toContain(`export const ${exported}`);
  expect(source + spec).not.toMatch(/NAME|EXPORTED|MODEL_TYPE/);
  expect(syntaxErrors(spec)).toEqual([]);
  expect(spec).toContain('myOwn()');
});

test('a package lists what it brings, and asks for the core it was made for', () => {
  const strategies = [{ kind: 'loss', name: 'mine' }] as const;
  const files = packageFiles({ name: 'espalier-plugin-mine', strategies, core: '1.2.3' });
  expect(files.get('src/index.ts')).toContain('provides: [mine]');
  expect(JSON.parse(files.get('package.json') ?? '')).toMatchObject({
    peerDependencies: { '@espalier/core': '^1.2.3' },
  });
  expect([...files.keys()]).toContain('src/mine.spec.ts');
});

test.each(kinds)('the package of a %s asks for all that it imports, in the versions that ours have', async (kind) => {
  const files = packageFiles({ name: 'mine', strategies: [{ kind, name: 'mine' }], core: '1.2.3' });
  const {
    dependencies = {},
    peerDependencies,
    devDependencies,
  } = JSON.parse(files.get('package.json') ?? '') as Readonly<
    Record<'peerDependencies' | 'devDependencies', object>
  > & { readonly dependencies?: object };
  const importsOf = (text = ''): string[] =>
    [...text.matchAll(/^import .* from '([^.'][^']*)'/gm)].map(([, own = '']) => own.replace('core/graph', 'core'));
  const asked = { ...dependencies, ...peerDependencies };
  expect(Object.keys(asked)).toEqual(expect.arrayContaining(importsOf(files.get('src/mine.ts'))));
  expect(Object.keys({ ...asked, ...devDependencies })).toEqual(
    expect.arrayContaining(importsOf(files.get('src/mine.spec.ts'))),
  );
  const core: unknown = JSON.parse(
    await readFile(new URL('../../../packages/core/package.json', import.meta.url), 'utf8'),
  );
  expect(core).toMatchObject({ dependencies });
});

test('a strategy joins what the plugin provides, after the imports that are there', () => {
  const code =
    "import { a } from './a.js';\n\n/** All. */\nexport const all = plugin({\n  provides: [\n    a,\n  ],\n});\n";
  expect(provided(code, "import { b } from './b.js';", 'b')).toBe(
    "import { a } from './a.js';\nimport { b } from './b.js';\n\n/** All. */\nexport const all = plugin({\n  provides: [\n    b,\n    a,\n  ],\n});\n",
  );
  expect(() => provided('export const none = 1;', '', '')).toThrow('no list');
});
