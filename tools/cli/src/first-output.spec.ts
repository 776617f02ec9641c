// Help and complaints about flags are there at once: of our own code only what parses is loaded for them, and no library but the parser.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { verbReferences } from './reference.js';
import { buildCommand, command } from './testing/process.js';

beforeAll(buildCommand, 600_000);

/** Runs the command once for each list of words, in one process, and gives the files of all modules that were loaded. */
async function modulesFor(calls: readonly (readonly string[])[]): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'first-output-'));
  const file = (name: string): string => join(folder, name);
  try {
    await writeFile(
      file('hooks.mjs'),
      `import { appendFileSync } from 'node:fs';
let trace;
export const initialize = (path) => void (trace = path);
export const load = (url, context, next) => { appendFileSync(trace, url + '\\n'); return next(url, context); };`,
    );
    await writeFile(
      file('register.mjs'),
      `import { register } from 'node:module';
register('./hooks.mjs', import.meta.url, { data: ${JSON.stringify(file('trace'))} });`,
    );
    const cli = new URL('../dist/cli.js', pathToFileURL(command)).href;
    await writeFile(
      file('calls.mjs'),
      `import { runCli } from ${JSON.stringify(cli)};
for (const call of ${JSON.stringify(calls)}) await runCli(call);`,
    );
    const imported = pathToFileURL(file('register.mjs')).href;
    await promisify(execFile)(process.execPath, ['--import', imported, file('calls.mjs')]);
    const loaded = (await readFile(file('trace'), 'utf8')).trim().split('\n');
    return loaded.filter((url) => url.startsWith('file:')).map((url) => url.replace(pathToFileURL(folder).href, ''));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Files of libraries, and the packages whose whole is loaded. */
const heavy = (loaded: readonly string[]): readonly string[] => [
  ...loaded.filter((url) => url.includes('/node_modules/') && !url.includes('/node_modules/commander/')),
  ...loaded.filter((url) => /\/(core|run|plugins|backend-\w+)\/dist\/index\.js$/.test(url)),
  ...loaded.filter((url) => url.includes('/cli/dist/commands/')),
];

test('the help of every verb, and flags that it does not have, load the parser and nothing that works', async () => {
  const verbs = verbReferences().map(({ name }) => name.split(' '));
  const loaded = await modulesFor([
    ['--help'],
    ...verbs.flatMap((verb) => [
      [...verb, '--help'],
      [...verb, '--no-such-flag'],
    ]),
  ]);
  expect(loaded.some((url) => url.endsWith('/verbs/run-verbs.js'))).toBe(true);
  expect(heavy(loaded)).toEqual([]);
});

test('a verb that works loads what it works with, so that the test above sees it', async () => {
  expect(heavy(await modulesFor([['recipes', 'ls']])).length).toBeGreaterThan(100);
});
