// Every example runs from the built packages, and says what it found.
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');
/** What others import; the toy backend has a test of its own. */
const shared = ['setting.ts', 'held-out.ts', 'toy-backend.ts'];
const examples = (await readdir(path.join(root, 'examples'))).filter(
  (name) => name.endsWith('.ts') && !shared.includes(name),
);
const jiti = path.join(root, 'node_modules/jiti/lib/jiti-cli.mjs');

test.each(examples)('%s', async (name) => {
  const env = { ...process.env, JITI_FS_CACHE: 'false' };
  const { stdout } = await promisify(execFile)(process.execPath, [jiti, path.join('examples', name)], {
    cwd: root,
    env,
  });
  expect(stdout).not.toBe('');
});
