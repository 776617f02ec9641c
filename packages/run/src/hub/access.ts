// How the hub is reached: address, token, cache and offline mode, from the variables that Python's huggingface_hub reads.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { InputError, readSmallText, type Watch } from '@espalier/core';

/** How long an answer is waited for, and how often it is asked for again. */
export interface Patience {
  /** Times that a request is made before it is given up; for a file, times in a row that brought no byte. */
  readonly tries: number;
  /** Milliseconds without a byte after which a connection counts as dead. */
  readonly silence: number;
  /** Waits before the next try, the first of which is 1. */
  wait(tried: number): Promise<void>;
}

export interface HubAccess {
  /** Address of the hub, without a slash at the end. */
  readonly endpoint: string;
  /** Folder of the cache, laid out as Python's, and shared with it. */
  readonly cache: string;
  /** Shown to the hub, and to nobody else. */
  readonly token?: string;
  /** The token may also go over http to another machine, where everybody on the way can read it. */
  readonly openToken?: boolean;
  /** Nothing is fetched: what is not in the cache is an error. */
  readonly offline: boolean;
  /** `usualPatience` when not given. */
  readonly patience?: Patience;
  /** What asks; Node's own when not given. */
  readonly fetch?: typeof fetch;
  /** Told how far a file has come. */
  readonly watch?: Watch;
  /** Says what is being fetched. */
  say(line: string): void;
}

/** Five tries, half a second and then twice as long between them; a minute of silence is the end of a connection. */
export const usualPatience: Patience = {
  tries: 5,
  silence: 60_000,
  wait: (tried) => new Promise((resolve) => setTimeout(resolve, 250 * 2 ** tried)),
};

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Reads HF_ENDPOINT, HF_TOKEN (or the file that `hf auth login` writes), HF_HUB_CACHE, HF_HOME and HF_HUB_OFFLINE, and
 * ESPALIER_TOKEN_OVER_HTTP. Throws `InputError` for an endpoint that is no address.
 */
export async function hubAccess(variables: Variables, say: HubAccess['say'], offline = false): Promise<HubAccess> {
  const set = (name: string): string | undefined => (variables[name] === '' ? undefined : variables[name]);
  const on = (name: string): boolean => /^(1|on|yes|true)$/i.test(set(name) ?? 'no');
  const home = set('HF_HOME') ?? join(set('XDG_CACHE_HOME') ?? join(homedir(), '.cache'), 'huggingface');
  const path = set('HF_TOKEN_PATH') ?? join(home, 'token');
  const own = set('HF_TOKEN');
  const token = own === undefined ? checkedToken(await tokenFile(path), path) : checkedToken(own, 'HF_TOKEN');
  return {
    endpoint: checkedEndpoint(set('HF_ENDPOINT') ?? 'https://huggingface.co'),
    cache: set('HF_HUB_CACHE') ?? set('HUGGINGFACE_HUB_CACHE') ?? join(home, 'hub'),
    ...(token === undefined ? {} : { token }),
    openToken: on('ESPALIER_TOKEN_OVER_HTTP'),
    offline: offline || on('HF_HUB_OFFLINE'),
    say,
  };
}

function checkedEndpoint(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '')
    return text.replace(/\/+$/, '');
  const found =
    url === undefined ? 'it is no address' : 'it is neither http nor https, or has a name or password in it';
  throw new InputError({
    asked: 'reach the hub at HF_ENDPOINT',
    found,
    fix: 'Set it to an address such as https://huggingface.co',
  });
}

/**
 * Whether the token goes with a request: to the hub itself and nowhere else, and only where nobody on the way can read it (https,
 * or this machine).
 */
export function mayCarryToken(url: URL, { endpoint, openToken }: Pick<HubAccess, 'endpoint' | 'openToken'>): boolean {
  if (url.origin !== new URL(endpoint).origin) return false;
  return url.protocol === 'https:' || openToken === true || isLoopback(url.hostname);
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Throws `InputError` for what cannot stand in a header: the error of the request would show it. */
function checkedToken(token: string | undefined, source: string): string | undefined {
  if (token === undefined || /^[\x21-\x7e]+$/.test(token)) return token;
  throw new InputError({
    asked: `read the token of the hub from ${source}`,
    found: 'it holds a space, a line break or another character that no token has',
    fix: 'Put the token there alone, in one line, or take it away',
  });
}

async function tokenFile(path: string): Promise<string | undefined> {
  const text = await readSmallText(path, 'read the token of the hub', 2 ** 16).catch(() => '');
  return text.trim() === '' ? undefined : text.trim();
}
