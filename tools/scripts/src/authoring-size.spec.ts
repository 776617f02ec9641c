// How little an author writes, counted: a scorer or a loss in at most 12 lines, a family in 60, a backend in 150. Lines that hold code
// count (code-lines.ts): not imports, blank lines and comments.
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { generateStrategy } from '@espalier/generators';
import { describe, expect, test } from 'vitest';
import { typescriptBlocks } from './code-blocks.js';
import { codeLines } from './code-lines.js';

const root = path.resolve(import.meta.dirname, '../../..');
const read = (file: string): Promise<string> => readFile(path.join(root, file), 'utf8');

/** The TypeScript blocks of a guide, each a whole module; none where there is no such guide. */
async function blocksOf(guide: string): Promise<readonly (readonly [where: string, code: string])[]> {
  if (!existsSync(path.join(root, guide))) return [];
  const blocks = typescriptBlocks(guide, await read(guide));
  return blocks.map(({ page, line, code }) => [`${page}:${line}`, code]);
}

/** Every file of a folder whose name ends so, with its text. */
async function filesOf(folder: string, ending: string): Promise<readonly (readonly [file: string, code: string])[]> {
  const names = (await readdir(path.join(root, folder))).filter((name) => name.endsWith(ending));
  return Promise.all(names.map(async (name) => [`${folder}/${name}`, await read(`${folder}/${name}`)] as const));
}

const scorers = await blocksOf('docs/2.add-a-scorer.md');
const losses = await blocksOf('docs/3.add-a-loss.md');
const families = await blocksOf('docs/6.add-a-family.md');

describe('a scorer or a loss is at most 12 lines', () => {
  test('there is one in each guide', () => {
    expect([scorers, losses].map((own) => own.length > 0)).toEqual([true, true]);
  });

  test.each([...scorers, ...losses])('%s, registration included', (_where, code) => {
    expect(codeLines(code)).toBeLessThanOrEqual(12);
  });

  test('examples/intermediate-loss.ts', async () => {
    expect(codeLines(await read('examples/intermediate-loss.ts'), 'blockDistance')).toBeLessThanOrEqual(12);
  });

  test.each(['scorer', 'loss'] as const)('a generated %s', (kind) => {
    expect(codeLines(generateStrategy(kind, 'my-own').source)).toBeLessThanOrEqual(12);
  });
});

describe('a family is at most 60 lines', () => {
  const shared = ['decoder-config.ts', 'decoder-family.ts'];

  test.each(families)('%s', (_where, code) => {
    expect(codeLines(code)).toBeLessThanOrEqual(60);
  });

  test('examples/new-family.ts', async () => {
    expect(codeLines(await read('examples/new-family.ts'), 'alpaca')).toBeLessThanOrEqual(60);
  });

  test('every bundled one', async () => {
    const bundled = (await filesOf('packages/plugins/src/family', '.ts')).filter(
      ([file]) => !file.endsWith('.spec.ts') && !shared.includes(path.basename(file)),
    );
    expect(bundled.length).toBeGreaterThanOrEqual(5);
    expect(bundled.filter(([, code]) => codeLines(code) > 60).map(([file]) => file)).toEqual([]);
  });
});

describe('a backend is at most 150 lines', async () => {
  const backends = [...(await blocksOf('docs/5.add-a-backend.md')), ...(await filesOf('examples', '-backend.ts'))];
  test.each(backends)('%s', (_where, code) => {
    expect(codeLines(code)).toBeLessThanOrEqual(150);
  });

  test('the bundled ones are longer: this one is counted to show that the count can fail', async () => {
    const own = (await filesOf('packages/backend-ort/src', '.ts')).filter(([file]) => !file.endsWith('.spec.ts'));
    expect(own.reduce((total, [, code]) => total + codeLines(code), 0)).toBeGreaterThan(150);
  });
});

describe('a line counts when it holds code', () => {
  const code = [
    "import { a } from './a.js';",
    'import {',
    '  b,',
    "} from './b.js';",
    '',
    '// A remark.',
    '/** A docstring',
    ' * of two lines. */',
    'export const sum = (',
    '  x: number, // the one',
    '  y: number,',
    ') => a + b + x + y;',
    '',
    'const text = `one',
    'two`;',
  ].join('\n');

  test('of a module', () => expect(codeLines(code)).toBe(6));

  test('of one declaration', () => {
    expect(codeLines(code, 'sum')).toBe(4);
    expect(() => codeLines(code, 'none')).toThrow('declares no none');
  });
});
