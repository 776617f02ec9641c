// A release, as far as it goes without a registry: every package gets the version, and what depends on it asks for that one.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { z } from 'zod';

const root = path.resolve(import.meta.dirname, '../../..');
const { workspaces } = z
  .object({ workspaces: z.array(z.string()) })
  .parse(JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')));

test('the dry run of a release gives every package, and what it needs of ours, the same version', async () => {
  const nx = path.join(root, 'node_modules/nx/dist/bin/nx.js');
  const args = ['release', '9.8.7', '--dry-run', '--skip-publish'];
  const env = { ...process.env, NX_TUI: 'false', NX_DAEMON: 'false' };
  const { stdout } = await promisify(execFile)(process.execPath, [nx, ...args], { cwd: root, env });
  const diffs = stripVTControlCharacters(stdout).split(/(?="name": )/);
  for (const folder of workspaces) {
    const name = `"name": "@espalier/${path.basename(folder)}",`;
    const own = diffs.find((diff) => diff.startsWith(name));
    assert(own !== undefined, folder);
    expect(own, folder).toContain('+   "version": "9.8.7"');
    const ours = own.split('\n').filter((line) => /^[-+] +"@espalier\//.test(line));
    const added = ours.filter((line) => line.startsWith('+'));
    expect(added.every((line) => line.includes('"9.8.7"'))).toBe(true);
    expect(added, folder).toHaveLength(ours.length / 2); // each line that goes comes back
  }
});
