// The list of other people's packages, and what the lock file may hold.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { lockSchema, thirdParty, thirdPartyPage } from './third-party.js';

const root = path.resolve(import.meta.dirname, '../../..');
const json = async (file: string): Promise<unknown> => JSON.parse(await readFile(path.join(root, file), 'utf8'));

describe('of a lock file', () => {
  const lock = lockSchema.parse({
    packages: {
      '': { version: '1.0.0', dependencies: { unused: '1' } },
      'packages/ours': {
        version: '1.0.0',
        dependencies: { a: '1', '@ours/more': '1' },
        optionalDependencies: { no: '1' },
      },
      'packages/more': { version: '1.0.0', dependencies: { b: '1' } },
      'node_modules/@ours/more': { link: true, resolved: 'packages/more' },
      'node_modules/a': { version: '1.0.0', license: 'MIT', dependencies: { b: '2' } },
      'node_modules/a/node_modules/b': { version: '2.0.0', license: 'ISC' },
      'node_modules/b': { version: '1.0.0', license: 'MIT' },
      'node_modules/unused': { version: '1.0.0', license: 'MIT' },
    },
  });

  test('what a package needs is followed through ours and theirs, each version once, as Node would find it', () => {
    expect(thirdParty(lock, ['packages/ours'])).toEqual([
      { name: 'a', version: '1.0.0', license: 'MIT' },
      { name: 'b', version: '1.0.0', license: 'MIT' },
      { name: 'b', version: '2.0.0', license: 'ISC' },
    ]);
  });

  test('a package without a licence is named', () => {
    const bare = lockSchema.parse({ packages: { ...lock.packages, 'node_modules/b': { version: '1.0.0' } } });
    expect(() => thirdParty(bare, ['packages/more'])).toThrow('node_modules/b has no version or no licence');
  });

  test('the page has a row for each', () => {
    expect(thirdPartyPage(thirdParty(lock, ['packages/more']))).toContain('| b | 1.0.0 | MIT |');
  });
});

describe('of this repository', async () => {
  const lock = lockSchema.parse(await json('package-lock.json'));
  const permissive = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'ISC', 'MIT'];

  test('every package that a user gets is under a permissive licence', () => {
    const found = thirdParty(lock, ['tools/cli']);
    expect(found.length).toBeGreaterThan(20);
    const choices = (license: string): readonly string[] => license.replaceAll(/[()]/g, '').split(' OR ');
    expect(found.filter(({ license }) => !choices(license).some((own) => permissive.includes(own)))).toEqual([]);
  });

  test('no install script runs: each that there is, is refused by name', async () => {
    const { allowScripts } = z
      .object({ allowScripts: z.record(z.string(), z.boolean()) })
      .parse(await json('package.json'));
    const scripted = Object.entries(lock.packages).filter(([, { hasInstallScript }]) => hasInstallScript);
    const names = scripted.map(([at]) => at.replace(/^.*node_modules\//, ''));
    expect(names.sort()).toEqual(Object.keys(allowScripts).sort());
    expect(Object.values(allowScripts)).not.toContain(true);
  });
});
