// Students of a run folder.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { completeFolder } from './manifest.js';
import { unitFolder } from './run-folder.js';
import { intactStudent, trainedStudent } from './students.js';

let run: string;
beforeEach(async () => {
  run = await mkdtemp(join(tmpdir(), 'espalier-students-'));
});
afterEach(() => rm(run, { recursive: true, force: true }));

async function trained(row: string): Promise<string> {
  const unit = unitFolder(run, `${row}/distil`);
  await mkdir(join(unit, 'student'), { recursive: true });
  await writeFile(join(unit, 'student', 'model.safetensors'), 'weights');
  await completeFolder(unit, row);
  return join(unit, 'student', 'model.safetensors');
}

test('a student with other bytes than were written is not taken for the whole one', async () => {
  await trained('a/distilled');
  const weights = await trained('b/distilled');
  expect(await intactStudent(run)).toEqual(await trainedStudent(run, 'b/distilled'));
  await writeFile(weights, 'weigths');
  await expect(intactStudent(run)).rejects.toThrow(/student "b\/distilled".*other bytes than were written/);
  expect((await intactStudent(run, 'a/distilled')).row).toBe('a/distilled');
});
