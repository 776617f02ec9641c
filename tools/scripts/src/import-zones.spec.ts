// The lint rule `espalier/import-zones`, run by ESLint on small snippets that pretend to be files of core or run.
import { Linter } from 'eslint';
import tseslint from 'typescript-eslint';
import { expect, test } from 'vitest';
import { importZones } from '../eslint/import-zones.mjs';
import { core, importsOf, run } from '../eslint/zones.mjs';

const cwd = '/repository';
/** Messages of the rule for one file of a package. */
function lint(file: string, code: string, own = core): string[] {
  const { root } = own;
  const config: Linter.Config = {
    files: ['**/*.ts'],
    languageOptions: { parser: tseslint.parser },
    plugins: { espalier: { rules: { 'import-zones': importZones } } },
    rules: { 'espalier/import-zones': ['error', { root, zones: importsOf(own) }] },
  };
  return new Linter({ cwd }).verify(code, config, `${cwd}/${root}/${file}`).map((message) => message.message);
}

const order = ['errors', 'graph', 'autodiff', 'model', 'formats', 'pipeline', 'stages', 'di'];

test.each(order.slice(0, -1).map((from, i) => [from, order[i + 1] ?? '']))('%s may not import %s', (from, to) => {
  const file = from === 'errors' ? 'errors.ts' : `${from}/a.ts`;
  const specifier = from === 'errors' ? `./${to}/b.js` : `../${to}/b.js`;
  expect(lint(file, `import { b } from '${specifier}';`)).toEqual([expect.stringContaining(`it imports \`${to}\``)]);
});

test.each([
  ['graph/a.ts', "import { b } from './b.js';"],
  ['graph/a.ts', "import { InputError } from '../errors.js';"],
  ['graph/ops/a.ts', "import { b } from '../model/b.js';"], // graph/model, not model
  ['backend/a.ts', "import { b } from '../graph/b.js';"],
  ['stages/9-export/a.ts', "import { b } from '../../formats/onnx/b.js';"],
  ['stages/9-export/a.ts', "import { b } from '../1-load/b.js';"],
  ['graph/a.spec.ts', "import { b } from '../close.js';"],
  ['random.spec.ts', "import { random } from './random.js';"],
  ['index.ts', "export { b } from './di/b.js';"],
  ['graph/a.ts', "import { z } from 'zod';"],
])('%s may say %s', (file, code) => {
  expect(lint(file, code)).toEqual([]);
});

test.each([
  ['graph/a.ts', "import { b } from '../index.js';"],
  ['graph/a.ts', "import { b } from '../../../plugins/src/index.js';"],
  ['graph/a.ts', "import { b } from '../testing/b.js';"],
  ['graph/a.spec.ts', "import { b } from '../model/b.js';"],
  ['graph/a.ts', "import type { b } from '../model/b.js';"],
  ['graph/a.ts', "export { b } from '../model/b.js';"],
  ['graph/a.ts', "export * from '../model/b.js';"],
  ['graph/a.ts', "const b = await import('../model/b.js');"],
  ['graph/a.ts', "type B = import('../model/b.js').B;"],
  ['backend/a.ts', "import { b } from '../autodiff/b.js';"],
  ['formats/a.ts', "import { b } from '../autodiff/b.js';"],
  ['random.spec.ts', "import { b } from './graph/b.js';"],
])('%s may not say %s', (file, code) => {
  expect(lint(file, code)).toHaveLength(1);
});

test('a folder without a zone asks for one', () => {
  expect(lint('extras/a.ts', 'export {};')).toEqual([expect.stringContaining('`extras` has no import zone')]);
});

test('run has zones of its own: a recipe knows nothing of the engine that runs it', () => {
  expect(lint('engine/a.ts', "import { b } from '../recipe/b.js';", run)).toEqual([]);
  expect(lint('recipe/a.ts', "import { b } from '../engine/b.js';", run)).toHaveLength(1);
});

test.each([core, run])('a map names its folders once, and imports only what it names: $root', (own) => {
  const zones = importsOf(own);
  for (const imports of Object.values(zones)) for (const name of imports) expect(Object.keys(zones)).toContain(name);
});
