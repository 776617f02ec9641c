// Scripts of completion, asked as their shells ask them.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { verbReferences } from '../reference.js';
import { completionScript, shells, type Shell } from './completion.js';

const folder = mkdtempSync(join(tmpdir(), 'espalier-completion-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const isThere = (shell: Shell): boolean => spawnSync(shell, ['-c', 'true']).status === 0;
const fileOf = (shell: Shell): string => {
  const file = join(folder, `script.${shell}`);
  writeFileSync(file, completionScript(shell, verbReferences()));
  return file;
};

/** What bash offers for these words, the last of which is being written. */
function offered(...words: readonly string[]): readonly string[] {
  const list = ['espalier', ...words].map((word) => `'${word}'`).join(' ');
  const ask = `source '${fileOf('bash')}'; COMP_WORDS=(${list}); COMP_CWORD=${words.length}; _espalier; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', ask], { encoding: 'utf8', cwd: folder })
    .split('\n')
    .filter((line) => line !== '');
}

test.skipIf(!isThere('bash'))('bash completes verbs, verbs below them, flags, choices, and else files', () => {
  expect(offered('co')).toEqual(['compress', 'completion']);
  expect(offered('distil')).toEqual(['distil', 'distill']);
  expect(offered('recipes', 'c')).toEqual(['cat', 'copy']);
  expect(offered('compress', '--to')).toEqual(['--tokens']);
  expect(offered('compress', '--method', '')).toEqual(['width', 'depth']);
  writeFileSync(join(folder, 'corpus.txt'), '');
  expect(offered('compress', '--data', 'cor')).toEqual(['corpus.txt']);
});

test.skipIf(!isThere('fish'))('fish completes verbs and flags, with what they mean', () => {
  const ask = (line: string): string =>
    execFileSync('fish', ['-N', '-c', `source '${fileOf('fish')}'; complete -C '${line}'`], { encoding: 'utf8' });
  expect(ask('espalier comp')).toMatch(/^compress\tprune a model/m);
  expect(ask('espalier compress --tok')).toMatch(/^--tokens\tof each student/m);
  expect(ask('espalier compress --method ')).toMatch(/^depth\t.*\nwidth\t.*\n$/);
});

test.each(shells.filter(isThere))('%s takes the script without complaint', (shell) => {
  const { status, stderr } = spawnSync(shell, ['-n', fileOf(shell)], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
});

test.each(shells)('every verb and flag is in the script of %s', (shell) => {
  const script = completionScript(shell, verbReferences());
  for (const { name, flags } of verbReferences()) {
    expect(script).toContain(name.split(' ').at(-1));
    for (const { flags: written } of flags)
      for (const [, long = ''] of written.matchAll(/--([\w-]+)/g)) expect(script).toContain(long);
  }
});
