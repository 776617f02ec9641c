// A model as the user names it: the bundled one, a folder, or a name on the hub.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { tinyTalesAssets } from '@espalier/plugins';
import type { HubAccess } from './access.js';
import { fetchConfig, fetchModel } from './fetch.js';
import { isHubId } from './names.js';

/** Folder of a model; one of the hub is fetched. What is neither is given back as a path, whose opening then says what is wrong. */
export async function locateModel(name: string, revision: string | undefined, hub: HubAccess): Promise<string> {
  if (existsSync(name)) return name;
  if (name === 'tinytales') return fileURLToPath(tinyTalesAssets);
  return isHubId(name) ? fetchModel(name, revision, hub) : name;
}

/** Folder of a model with at least its config.json: what planning reads. */
export async function locateConfig(name: string, revision: string | undefined, hub: HubAccess): Promise<string> {
  if (existsSync(name) || name === 'tinytales' || !isHubId(name)) return locateModel(name, revision, hub);
  return fetchConfig(name, revision, hub);
}
