// The line that `.ci/run` closes with, from reports as vitest writes them: nothing is counted twice, nothing missing goes unseen.
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const script = path.resolve(import.meta.dirname, '../../../.ci/summary.mjs');
let root = '';
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'espalier-summary-'));
  await writeFile(path.join(root, 'package.json'), '{ "workspaces": ["packages/a", "packages/b", "tools/none"] }');
  for (const folder of ['packages/a', 'packages/b', 'tools/none']) {
    await mkdir(path.join(root, folder, 'src', 'deep'), { recursive: true });
  }
  await writeFile(path.join(root, 'packages/a/src/deep/a.spec.ts'), '');
  await writeFile(path.join(root, 'packages/b/src/b.spec.ts'), '');
});
afterEach(() => rm(root, { recursive: true, force: true }));

interface File {
  readonly name: string;
  readonly status?: string;
  readonly tests?: number;
}

async function report(
  name: string,
  numbers: readonly [number, number, number, number],
  files: readonly File[],
): Promise<void> {
  const [numPassedTests, numFailedTests, numPendingTests, numTodoTests] = numbers;
  const testResults = files.map(({ name: file, status = 'passed', tests = 1 }) => ({
    name: file,
    status,
    assertionResults: Array.from({ length: tests }, () => ({})),
  }));
  const text = JSON.stringify({ numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults });
  await writeFile(path.join(root, `${name}.json`), text);
}

function summary(): { readonly line: string | undefined; readonly code: number | null; readonly problems: string } {
  const { stdout, stderr, status } = spawnSync(process.execPath, [script, root, root], { encoding: 'utf8' });
  return { line: stdout.trimEnd().split('\n').at(-1), code: status, problems: stderr };
}

test('sums what the projects report', async () => {
  await report('a', [3, 0, 1, 0], [{ name: 'a.spec.ts' }]);
  await report('b', [4, 0, 0, 2], [{ name: 'b.spec.ts' }]);
  expect(summary()).toEqual({ line: '7 passed, 0 failed, 3 skipped', code: 0, problems: '' });
});

test('the same files on another line of Node are counted as well, and fail as well', async () => {
  await report('a', [3, 0, 1, 0], [{ name: 'a.spec.ts' }]);
  await report('b', [4, 0, 0, 2], [{ name: 'b.spec.ts' }]);
  await report('node-22', [0, 0, 1, 0], []);
  await report('node-24', [3, 1, 0, 0], [{ name: 'a.spec.ts', status: 'failed' }]);
  expect(summary()).toEqual({ line: '10 passed, 1 failed, 4 skipped', code: 1, problems: '' });
});

test('failed tests are counted, and a file that fails before its first test is one', async () => {
  await report('a', [3, 2, 0, 0], [{ name: 'a.spec.ts', status: 'failed' }]);
  await report('b', [0, 0, 0, 0], [{ name: 'b.spec.ts', status: 'failed', tests: 0 }]);
  expect(summary()).toMatchObject({ line: '3 passed, 3 failed, 0 skipped', code: 1 });
});

test('a project without a report is one failure, and is named; so is one whose report is cut off', async () => {
  await report('a', [3, 0, 0, 0], [{ name: 'a.spec.ts' }]);
  expect(summary()).toMatchObject({ line: '3 passed, 1 failed, 0 skipped', code: 1 });
  expect(summary().problems).toContain('packages/b: no report');
  await writeFile(path.join(root, 'b.json'), '{ "numPassed');
  expect(summary()).toMatchObject({ line: '3 passed, 1 failed, 0 skipped', code: 1 });
});

test('a file in two reports is a failure', async () => {
  await report('a', [3, 0, 0, 0], [{ name: 'same.spec.ts' }]);
  await report('b', [3, 0, 0, 0], [{ name: 'same.spec.ts' }]);
  expect(summary()).toMatchObject({ line: '6 passed, 1 failed, 0 skipped', code: 1 });
});

test('no test at all is no success', async () => {
  await report('a', [0, 0, 0, 0], []);
  await report('b', [0, 0, 0, 0], []);
  expect(summary()).toMatchObject({ line: '0 passed, 0 failed, 0 skipped', code: 1 });
});
