// A model as the user names it: the bundled one, a folder, a run folder (its student), or a name on the hub.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '@espalier/core';
import { tinyTalesAssets } from '@espalier/plugins';
import type { HubAccess } from './access.js';
import { fetchConfig, fetchModel } from './fetch.js';
import { isHubId } from './names.js';
import { runFiles } from '../folder/run-folder.js';
import { trainedStudent } from '../folder/students.js';

/**
 * Folder of a model; one of the hub is fetched, of a run it is the model that the run is for (`trainedStudent`). What is none of these is given back as a
 * path, whose opening then says what is wrong. Throws `InputError` for a run without a student, and for a folder in `runs` that is not there.
 */
export async function locateModel(name: string, revision: string | undefined, hub: HubAccess): Promise<string> {
  if (existsSync(join(name, runFiles.record))) return (await trainedStudent(name)).folder;
  if (existsSync(name)) return name;
  if (name === 'tinytales') return fileURLToPath(tinyTalesAssets);
  checkRunFolder(name);
  return isHubId(name) ? fetchModel(name, revision, hub) : name;
}

/** Throws `InputError` for what is named like a run of the command, "runs/NAME", which is no name on the hub either. */
function checkRunFolder(name: string): void {
  if (!/^(\.[\\/])?runs[\\/]/.test(name)) return;
  const there = existsSync('runs')
    ? readdirSync('runs').filter((own) => existsSync(join('runs', own, runFiles.record)))
    : [];
  const shown = there
    .slice(0, 8)
    .map((own) => `runs/${own}`)
    .join(', ');
  throw new InputError({
    asked: `use model "${name}"`,
    found: 'there is no such run folder',
    fix: shown === '' ? 'Check the path; "espalier compress" makes a run and says where' : `There are ${shown}`,
  });
}

/** Folder of a model with at least its config.json: what planning reads. */
export async function locateConfig(name: string, revision: string | undefined, hub: HubAccess): Promise<string> {
  if (existsSync(name) || name === 'tinytales' || name.startsWith('runs/') || !isHubId(name))
    return locateModel(name, revision, hub);
  return fetchConfig(name, revision, hub);
}
