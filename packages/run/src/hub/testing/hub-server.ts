// A hub on this machine, as far as it is asked here: commits, lists of files, contents in ranges; and whatever a test makes of it.
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HubAccess } from '../access.js';

/** The commit of every revision. */
export const sha = '0123456789abcdef0123456789abcdef01234567';
/** The only token that is let in. */
export const token = 'hf_secret';

/** A file as the hub lists it. */
export interface Listed {
  readonly type: 'file';
  readonly path: string;
  readonly size: number;
  readonly oid: string;
  readonly lfs?: { readonly oid: string; readonly size: number };
}

/** A file with Git's id of its text; with `lfs`, with the SHA-256 of a large file. */
export function listed(path: string, text: string, lfs = false): Listed {
  const size = Buffer.byteLength(text);
  const oid = createHash('sha1').update(`blob ${size}\0${text}`).digest('hex');
  const large = { lfs: { oid: createHash('sha256').update(text).digest('hex'), size } };
  return { type: 'file', path, size, oid, ...(lfs ? large : {}) };
}

/** A request as a test sees it, and how it is answered. */
export interface Exchange {
  readonly url: URL;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  json(value: unknown, headers?: Readonly<Record<string, string>>): void;
}

export interface HubServer {
  readonly endpoint: string;
  readonly access: HubAccess;
  /** Method and path of each request, in order. */
  readonly asked: string[];
  /** The `authorization` of each request. */
  readonly shown: (string | undefined)[];
  close(): Promise<void>;
}

/** Starts a hub with one repository, `owner/name`. `answers` is asked first, and says whether it has answered. */
export async function startHub(
  files: Readonly<Record<string, string>>,
  answers: (exchange: Exchange) => boolean = () => false,
): Promise<HubServer> {
  const asked: string[] = [];
  const shown: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://hub');
    asked.push(`${request.method ?? ''} ${url.pathname}`);
    shown.push(request.headers.authorization);
    const json: Exchange['json'] = (value, headers = {}) =>
      void response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
    if (answers({ url, request, response, json })) return;
    answer(files, { url, request, response, json });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const cache = await mkdtemp(join(tmpdir(), 'espalier-hub-'));
  const patience = { tries: 3, silence: 10_000, wait: () => Promise.resolve() };
  const access = { endpoint, cache, token, offline: false, patience, say: () => undefined };
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(cache, { recursive: true, force: true });
  };
  return { endpoint, access, asked, shown, close };
}

function answer(files: Readonly<Record<string, string>>, { url, request, response, json }: Exchange): void {
  const refuse = (status: number): void => void response.writeHead(status).end('{}');
  if (request.headers.authorization !== `Bearer ${token}`) return refuse(401);
  if (!url.pathname.includes('owner/name')) return refuse(404);
  if (url.pathname.includes('/tree/'))
    return json(Object.entries(files).map(([path, text]) => listed(path, text, path.endsWith('.safetensors'))));
  if (url.pathname.startsWith('/api/')) return json({ _id: '1', id: 'owner/name', sha, private: false });
  const [, name = ''] = url.pathname.split(`/resolve/${sha}/`);
  const text = files[name];
  if (text === undefined) return refuse(404);
  sendRange(text, request, response);
}

/** Sends the text, or the part that is asked for. */
export function sendRange(text: string, request: IncomingMessage, response: ServerResponse): void {
  const from = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
  const part = text.slice(Number(from ?? '0'));
  const range = { 'content-range': `bytes ${from ?? 0}-${text.length - 1}/${text.length}` };
  response.writeHead(from === undefined ? 200 : 206, { 'content-length': part.length, ...(from && range) });
  response.end(part);
}
