// One request to the hub: where the token may go, which redirects are followed, how long and how much is waited for.
import { InputError } from '@espalier/core';
import { mayCarryToken, usualPatience, type HubAccess, type Patience } from './access.js';

const mostRedirects = 5;

/** What went wrong with a request; without a status, there was no answer or it was cut off. */
export class HubError extends Error {
  constructor(
    message: string,
    readonly status?: number,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
  }
}

/** An answer that says that all is well (2xx). */
export interface Answer {
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  /** The body, piece by piece. Throws `HubError` when it is cut off or stands still. */
  body(): AsyncGenerator<Uint8Array, void>;
}

/** Asks once. Throws `HubError`; `InputError` for a redirect that leaves http and https, or https. */
export async function ask(
  address: string,
  access: HubAccess,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  let url = new URL(address);
  for (let hop = 0; hop <= mostRedirects; hop++) {
    const watch = watchSilence((access.patience ?? usualPatience).silence);
    const token = access.token !== undefined && mayCarryToken(url, access) ? access.token : undefined;
    const response = await (access.fetch ?? fetch)(url, {
      redirect: 'manual',
      signal: watch.signal,
      headers: {
        ...headers,
        'user-agent': 'espalier',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
    }).catch((cause: unknown) => {
      watch.end();
      throw new HubError(`${url.host} did not answer (${reasonOf(cause)})`, undefined, { cause });
    });
    const location = response.headers.get('location');
    if (response.status >= 300 && response.status < 400 && location !== null) {
      await close(response, watch);
      url = redirected(url, location);
      continue;
    }
    if (response.ok)
      return { url, status: response.status, headers: response.headers, body: () => pieces(response, url, watch) };
    await close(response, watch);
    throw new HubError(`${url.host} answered ${response.status}`, response.status);
  }
  throw new HubError(`${new URL(address).host} sends from one address to the next without end`);
}

async function close(response: Response, watch: Watch): Promise<void> {
  watch.end();
  await response.body?.cancel().catch(() => undefined);
}

function redirected(from: URL, location: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  const worse = to !== undefined && from.protocol === 'https:' && to.protocol !== 'https:';
  const named = to !== undefined && (to.username !== '' || to.password !== '');
  if (to !== undefined && /^https?:$/.test(to.protocol) && !worse && !named) return to;
  const what = worse
    ? 'from https to an address that is not'
    : named
      ? 'with a name or password'
      : 'to no address of the web';
  throw new InputError({
    asked: `fetch from ${from.host}`,
    found: `it redirects ${what}`,
    fix: 'Check HF_ENDPOINT',
  });
}

async function* pieces(response: Response, { host }: URL, watch: Watch): AsyncGenerator<Uint8Array, void> {
  try {
    for await (const piece of response.body ?? []) {
      watch.seen();
      yield piece;
    }
  } catch (cause) {
    throw new HubError(`${host} broke off (${reasonOf(cause)})`, undefined, { cause });
  } finally {
    await close(response, watch);
  }
}

interface Watch {
  readonly signal: AbortSignal;
  seen(): void;
  end(): void;
}

/** Aborts when nothing was seen for so many milliseconds. */
function watchSilence(limit: number): Watch {
  const controller = new AbortController();
  const start = (): NodeJS.Timeout =>
    setTimeout(() => controller.abort(new Error(`nothing came for ${limit / 1000} seconds`)), limit);
  let timer = start();
  return {
    signal: controller.signal,
    seen() {
      clearTimeout(timer);
      timer = start();
    },
    end: () => clearTimeout(timer),
  };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message;
}

/** Whether asking again may help: no answer, too many requests, trouble of the server. */
export function isPassing({ status }: HubError): boolean {
  return status === undefined || status === 408 || status === 429 || status >= 500;
}

/** A JSON answer of at most so many bytes, asked for again where that may help. Throws `HubError`; `InputError` for one that is no JSON. */
export async function askJson(
  address: string,
  access: HubAccess,
  limit: number,
): Promise<{ readonly value: unknown; readonly headers: Headers }> {
  const { tries, wait } = access.patience ?? usualPatience;
  for (let tried = 1; ; tried++) {
    try {
      const answer = await ask(address, access, { accept: 'application/json' });
      const text = await textOf(answer, limit, access.patience ?? usualPatience);
      return { value: parsed(text, answer.url), headers: answer.headers };
    } catch (error) {
      if (!(error instanceof HubError) || !isPassing(error) || tried >= tries) throw error;
      await wait(tried);
    }
  }
}

async function textOf(answer: Answer, limit: number, { silence }: Patience): Promise<string> {
  const end = performance.now() + 10 * silence;
  const all: Uint8Array[] = [];
  let size = 0;
  for await (const piece of answer.body()) {
    size += piece.length;
    if (size > limit) throw notThat(answer.url, `an answer of more than ${limit} bytes`);
    if (performance.now() > end) throw new HubError(`${answer.url.host} takes too long to answer`);
    all.push(piece);
  }
  return Buffer.concat(all).toString('utf8');
}

function parsed(text: string, url: URL): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw notThat(url, 'what is no JSON');
  }
}

/** The error of a hub that does not speak as hubs do. */
export function notThat({ host }: URL, what: string): InputError {
  return new InputError({
    asked: `ask ${host} for a repository`,
    found: `it gave ${what}`,
    fix: 'Check HF_ENDPOINT, or fetch the files by other means and give the folder',
  });
}
