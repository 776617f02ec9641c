// How the hub is reached: address, token, cache and offline mode, from the variables that Python's huggingface_hub reads.
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

export interface HubAccess {
  /** Address of the hub, without a slash at the end. */
  readonly endpoint: string;
  /** Folder of the cache, laid out as Python's, and shared with it. */
  readonly cache: string;
  readonly token?: string;
  /** Nothing is fetched: what is not in the cache is an error. */
  readonly offline: boolean;
  /** Says what is being fetched. */
  say(line: string): void;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** Reads HF_ENDPOINT, HF_TOKEN (or the file that `hf auth login` writes), HF_HUB_CACHE, HF_HOME and HF_HUB_OFFLINE. */
export async function hubAccess(variables: Variables, say: HubAccess['say'], offline = false): Promise<HubAccess> {
  const set = (name: string): string | undefined => (variables[name] === '' ? undefined : variables[name]);
  const home = set('HF_HOME') ?? join(set('XDG_CACHE_HOME') ?? join(homedir(), '.cache'), 'huggingface');
  const token = set('HF_TOKEN') ?? (await tokenFile(set('HF_TOKEN_PATH') ?? join(home, 'token')));
  return {
    endpoint: (set('HF_ENDPOINT') ?? 'https://huggingface.co').replace(/\/+$/, ''),
    cache: set('HF_HUB_CACHE') ?? set('HUGGINGFACE_HUB_CACHE') ?? join(home, 'hub'),
    ...(token === undefined ? {} : { token }),
    offline: offline || /^(1|on|yes|true)$/i.test(set('HF_HUB_OFFLINE') ?? ''),
    say,
  };
}

async function tokenFile(path: string): Promise<string | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.trim() === '' ? undefined : text.trim();
}
