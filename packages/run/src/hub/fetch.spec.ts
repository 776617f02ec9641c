// Fetching from a hub on this machine: what is asked for, where it lands, who is let in, and what happens without an answer.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@espalier/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { HubAccess } from './access.js';
import { fetchDataset, fetchModel } from './fetch.js';

const sha = '0123456789abcdef0123456789abcdef01234567';
const files: Readonly<Record<string, string>> = {
  'config.json': '{"model_type":"llama"}',
  'model.safetensors': 'weights',
  'pytorch_model.bin': 'a pickle, never asked for',
  'data/train.jsonl': '{"text":"one"}\n',
  'data/train.csv': 'text',
};
const token = 'hf_secret';

let server: Server;
let access: HubAccess;
let asked: string[];
beforeEach(async () => {
  asked = [];
  server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const cache = await mkdtemp(join(tmpdir(), 'espalier-hub-'));
  access = { endpoint: `http://127.0.0.1:${port}`, cache, token, offline: false, say: () => undefined };
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(access.cache, { recursive: true });
});

function answer(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://hub');
  asked.push(`${request.method ?? ''} ${url.pathname}`);
  const json = (value: unknown, status = 200): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  };
  if (request.headers.authorization !== `Bearer ${token}`) return json({ error: 'gated' }, 401);
  if (!url.pathname.includes('owner/name')) return json({ error: 'Repository not found' }, 404);
  const entries = Object.entries(files).map(([path, text]) => ({
    type: 'file',
    path,
    size: text.length,
    oid: path,
    lastCommit: { id: sha, title: '', date: '2026-01-01T00:00:00.000Z' },
  }));
  if (url.pathname.includes('/tree/')) return json(entries);
  if (url.pathname.includes('/paths-info/')) {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      const wanted = (JSON.parse(body) as { readonly paths: readonly string[] }).paths;
      json(entries.filter(({ path }) => wanted.includes(path)));
    });
    return undefined;
  }
  if (url.pathname.startsWith('/api/')) return json({ _id: '1', id: 'owner/name', sha, private: false });
  const path = url.pathname.split(`/resolve/${sha}/`)[1] ?? '';
  const text = files[path] ?? '';
  const [, from, to] = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '') ?? [];
  const part = from === undefined ? text : text.slice(Number(from), to === '' ? undefined : Number(to) + 1);
  response.writeHead(from === undefined ? 200 : 206, {
    etag: `"${path.replaceAll('/', '-')}"`,
    'content-length': part.length,
    'content-range': `bytes ${from ?? 0}-${Number(from ?? 0) + part.length - 1}/${text.length}`,
  });
  response.end(part);
  return undefined;
}

test('a model’s files land in the cache as Python lays it out; pickles are left where they are', async () => {
  const folder = await fetchModel('owner/name', undefined, access);
  expect(folder).toBe(join(access.cache, 'models--owner--name', 'snapshots', sha));
  expect(await readFile(join(folder, 'model.safetensors'), 'utf8')).toBe('weights');
  expect(await readFile(join(access.cache, 'models--owner--name', 'refs', 'main'), 'utf8')).toBe(sha);
  expect(asked.join('\n')).not.toContain('.bin');
});

test('offline, and without an answer, the cache serves what was fetched before', async () => {
  const folder = await fetchModel('owner/name', undefined, access);
  const before = asked.length;
  expect(await fetchModel('owner/name', undefined, { ...access, offline: true })).toBe(folder);
  expect(asked).toHaveLength(before);
  expect(await fetchModel('owner/name', undefined, { ...access, endpoint: 'http://127.0.0.1:9' })).toBe(folder);
});

test('a data set gives the files that hold text, or those that match', async () => {
  const paths = await fetchDataset({ dataset: 'owner/name' }, access);
  expect(paths.map((path) => path.split(sha)[1]?.slice(1).replaceAll('\\', '/'))).toEqual(['data/train.jsonl']);
});

test.each<[string, () => Promise<unknown>, RegExp]>([
  [
    'a token that is refused',
    () => fetchModel('owner/name', undefined, { ...access, token: 'hf_wrong' }),
    /denies access \(401\).*HF_TOKEN/,
  ],
  [
    'a repository that is not there',
    () => fetchModel('owner/other', undefined, access),
    /no such repository or revision/,
  ],
  [
    'a model that was never fetched, offline',
    () => fetchModel('owner/name', undefined, { ...access, offline: true }),
    /offline mode is on/,
  ],
  [
    'files that match nothing',
    () => fetchDataset({ dataset: 'owner/name', files: '*.parquet' }, access),
    /none of its files/,
  ],
])('%s is one clear error', async (_what, attempt, message) => {
  const made = attempt();
  await expect(made).rejects.toThrow(InputError);
  await expect(made).rejects.toThrow(message);
});
