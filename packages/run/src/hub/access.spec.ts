// Where the token of the hub is from, and that it is told to nobody.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hubAccess } from './access.js';

const say = (): void => undefined;

test.each(['hf_planted\nsecond', 'hf planted', 'hf_plänted', 'hf_planted\u0000'])(
  'a token that no header takes is refused, and not shown: %j',
  async (token) => {
    const folder = await mkdtemp(join(tmpdir(), 'espalier-token-'));
    const path = join(folder, 'token');
    await writeFile(path, token);
    for (const variables of [{ HF_TOKEN_PATH: path }, { HF_TOKEN: token }]) {
      const attempt = hubAccess(variables, say);
      await expect(attempt).rejects.toThrow(/read the token of the hub from .*no token has/);
      await expect(attempt).rejects.not.toThrow(/pl.nted|second/);
    }
    await rm(folder, { recursive: true });
  },
);

test('white space around the token of a file is no part of it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'espalier-token-'));
  await writeFile(join(folder, 'token'), ' hf_planted\n');
  expect(await hubAccess({ HF_TOKEN_PATH: join(folder, 'token') }, say)).toMatchObject({ token: 'hf_planted' });
  await rm(folder, { recursive: true });
});
