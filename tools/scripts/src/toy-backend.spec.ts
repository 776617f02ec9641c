// The complete backend of docs/5.add-a-backend.md: the page shows the program that is tested, which stays on one page, and passes the
// suite that every backend must pass. That it compiles as a reader would have it is checked in code-blocks.spec.ts.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Backend } from '@espalier/core/graph';
import { describeBackend } from '@espalier/testing';
import { expect, test } from 'vitest';
import { typescriptBlocks } from './code-blocks.js';

const root = path.resolve(import.meta.dirname, '../../..');
const file = path.join(root, 'examples/toy-backend.ts');
const program = await readFile(file, 'utf8');
const { toyBackend } = (await import(file)) as { toyBackend(): Backend };

test('the page shows the very program', async () => {
  const page = await readFile(path.join(root, 'docs/5.add-a-backend.md'), 'utf8');
  expect(typescriptBlocks('', page).map(({ code }) => `${code}\n`)).toContain(program);
});

test('the program has no more than 150 lines, blank ones and comments counted', () => {
  expect(program.trimEnd().split('\n').length).toBeLessThanOrEqual(150);
});

// Two thousand runs over 64 KiB take minutes element by element; it holds nothing that a collector does not take.
describeBackend('toy', toyBackend, { only: ({ title }) => title !== 'memory' });
