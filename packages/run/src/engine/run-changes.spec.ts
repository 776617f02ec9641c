// What is said of a run that is gone on with after something around it has changed.
import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseRecipe } from '../recipe/read-recipe.js';
import { refuseOccupied, sayWhatChanged } from './run-changes.js';
import { recipeFileHash, storedRecipe } from './run-record.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espalier-changes-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('flags beside a recipe are no change of it; an edit of it or of a recipe that it extends is', async () => {
  const [file, base] = [join(folder, 'recipe.yaml'), join(folder, 'base.yaml')];
  await writeFile(base, 'data: ${env:ESPALIER_NOT_SET}\nseed: 3\n');
  await writeFile(file, 'extends: base.yaml\nmodel: m\ndata: d\nsteps: [{ target: 50% }]\n');
  process.env['ESPALIER_NOT_SET'] = 'd';
  try {
    const stored = storedRecipe(
      parseRecipe({ model: 'm', data: 'd', seed: 7, steps: [{ target: '50%' }] }, 'here'),
      [],
    );
    const record = {
      ...{ format: 1 as const, command: 'c', started: '', recipeHash: '', versions: {}, cores: availableParallelism() },
      ...{ model: { folder: '/m', hash: 'h', files: {} }, data: null, continued: [] },
      recipeFile: file,
      recipeFileHash: await recipeFileHash(file),
    };
    const said = async (): Promise<readonly string[]> => {
      const lines: string[] = [];
      await sayWhatChanged(stored, record, {}, (line) => lines.push(line));
      return lines;
    };
    expect(await said()).toEqual([]);
    await appendFile(base, 'name: other\n');
    expect(await said()).toEqual([expect.stringMatching(/recipe.yaml was changed since the run began, .*name/)]);
  } finally {
    delete process.env['ESPALIER_NOT_SET'];
  }
});

describe('a folder that is no run', () => {
  const recipe = { model: 'm', data: 'd' };

  test.each(['checkpoints/epoch3.pt', 'stages/notes.txt', 'recipe.json', 'summary.json', 'events.ndjson'])(
    'is refused where a run would replace its %s',
    async (name) => {
      await mkdir(join(folder, name, '..'), { recursive: true });
      await writeFile(join(folder, name), 'mine');
      const top = name.replace(/\/.*/, '');
      await expect(refuseOccupied(folder, recipe)).rejects.toThrow(
        new RegExp(`something of the name "${top}", which a run would replace.*--overwrite`),
      );
    },
  );

  test('is taken where it is empty, holds other things, or what a beginning that was broken off leaves', async () => {
    await refuseOccupied(join(folder, 'new'), recipe);
    await mkdir(join(folder, 'stages'));
    await writeFile(join(folder, 'thesis.txt'), 'mine');
    await writeFile(join(folder, 'stdin.txt'), 'text');
    await writeFile(join(folder, 'recipe.json'), JSON.stringify(recipe));
    await expect(refuseOccupied(folder, recipe)).resolves.toBeUndefined();
  });
});
