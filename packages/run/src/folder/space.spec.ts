// Room on the disk is asked for before anything is written.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkSpace } from './space.js';

test('what does not fit is refused with both numbers; the folder need not be there yet', async () => {
  const path = join(tmpdir(), 'espalier-not-there', 'below');
  await checkSpace(path, 1, 'write a run');
  await expect(checkSpace(path, 2 ** 60, 'write a run')).rejects.toThrow(
    /write a run: it takes 1,152,921,504,607 MB, and the disk of ".*" has [\d,]+ MB free/,
  );
});
