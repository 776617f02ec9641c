// The lint rule `espalier/import-zones`, run by ESLint on small snippets that pretend to be files of core.
import { Linter } from 'eslint';
import tseslint from 'typescript-eslint';
import { expect, test } from 'vitest';
import { importZones } from '../eslint/import-zones.mjs';
import { coreZones } from '../eslint/zones.mjs';

const cwd = '/repository';
const root = 'packages/core/src';

/** Messages of the rule for one file of core. */
function lint(file: string, code: string): string[] {
  const config: Linter.Config = {
    files: ['**/*.ts'],
    languageOptions: { parser: tseslint.parser },
    plugins: { espalier: { rules: { 'import-zones': importZones } } },
    rules: { 'espalier/import-zones': ['error', { root, zones: coreZones }] },
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
