// A hub that means harm, is broken, or is cut off: nothing leaves its place, no token goes elsewhere, nothing half is kept as whole.
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '@espalier/core';
import { afterEach, expect, test } from 'vitest';
import { mayCarryToken } from './access.js';
import { fetchDataset, fetchModel } from './fetch.js';
import { listed, sendRange, sha, startHub, token, type Exchange, type HubServer } from './testing/hub-server.js';

const weights = 'w'.repeat(200_000);
const files = { 'config.json': '{}', 'model.safetensors': weights };

const servers: HubServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});
async function hubThat(answers?: (exchange: Exchange) => boolean, own = files): Promise<HubServer> {
  const server = await startHub(own, answers);
  servers.push(server);
  return server;
}
const listing =
  (...entries: readonly object[]) =>
  ({ url, json }: Exchange): boolean => {
    if (!url.pathname.includes('/tree/')) return false;
    json(entries);
    return true;
  };

test('the token stays with the hub when a file is redirected to another address, and the file is fetched', async () => {
  const store = await hubThat(({ request, response }) => {
    sendRange(weights, request, response);
    return true;
  });
  const hub = await hubThat(({ url, response }) => {
    if (!url.pathname.endsWith('model.safetensors')) return false;
    response.writeHead(302, { location: `${store.endpoint}/blob?signature=1` }).end();
    return true;
  });
  const folder = await fetchModel('owner/name', undefined, hub.access);
  expect(await readFile(join(folder, 'model.safetensors'), 'utf8')).toBe(weights);
  expect(store.shown).toEqual([undefined]);
  expect(new Set(hub.shown)).toEqual(new Set([`Bearer ${token}`]));
});

test('a list of files that goes on at another address is refused, and that address hears nothing', async () => {
  const other = await hubThat();
  const hub = await hubThat(({ url, json }) => {
    if (!url.pathname.includes('/tree/')) return false;
    json([listed('config.json', '{}')], { link: `<${other.endpoint}${url.pathname}?cursor=1>; rel="next"` });
    return true;
  });
  await expect(fetchModel('owner/name', undefined, hub.access)).rejects.toThrow(/goes on at another place/);
  expect(other.asked).toEqual([]);
});

test('pages of a list are followed, and a list without end is given up', async () => {
  const paged = ({ url, json }: Exchange, last: number): boolean => {
    if (!url.pathname.includes('/tree/')) return false;
    const page = Number(url.searchParams.get('cursor') ?? '0');
    const link = page < last ? { link: `<${url.pathname}?cursor=${page + 1}>; rel="next"` } : undefined;
    json(page === 0 ? [listed('config.json', '{}')] : [listed('model.safetensors', weights, true)], link);
    return true;
  };
  const two = await hubThat((exchange) => paged(exchange, 1));
  expect(await readdir(await fetchModel('owner/name', undefined, two.access))).toHaveLength(2);
  const endless = await hubThat((exchange) => paged(exchange, Infinity));
  await expect(fetchModel('owner/name', undefined, endless.access)).rejects.toThrow(/without end/);
});

test.each<[string, string, { endpoint: string; openToken?: boolean }, boolean]>([
  ['https', 'https://hub.example/api', { endpoint: 'https://hub.example' }, true],
  ['http to another machine', 'http://hub.example/api', { endpoint: 'http://hub.example' }, false],
  ['http where that is allowed', 'http://hub.example/api', { endpoint: 'http://hub.example', openToken: true }, true],
  ['http to this machine', 'http://127.0.0.1:8080/api', { endpoint: 'http://127.0.0.1:8080' }, true],
  [
    'http to a name that begins like this machine',
    'http://127.0.0.1.evil.example/',
    { endpoint: 'http://127.0.0.1.evil.example' },
    false,
  ],
  ['https to another host', 'https://cdn.example/', { endpoint: 'https://hub.example', openToken: true }, false],
  ['another port of the hub', 'https://hub.example:8443/', { endpoint: 'https://hub.example' }, false],
  ['http of the same host', 'http://hub.example/', { endpoint: 'https://hub.example', openToken: true }, false],
])('the token over %s', (_what, url, access, may) => {
  expect(mayCarryToken(new URL(url), access)).toBe(may);
});

const harmful = [
  '../escaped',
  '/etc/escaped',
  'a/../../escaped',
  'a\\..\\escaped',
  'C:escaped',
  'a\0b',
  'con',
  'a//b',
  './a',
  'a/./b',
  'a\u202eb',
];

test.each(harmful)('a file called %j is refused before anything is written', async (path) => {
  const hub = await hubThat(listing({ ...listed('x', '{}'), path: `${path}.txt` }), {
    ...files,
    [`${path}.txt`]: '{}',
  });
  const attempt = fetchDataset({ dataset: 'owner/name', files: '**' }, hub.access);
  await expect(attempt).rejects.toThrow(InputError);
  await expect(attempt).rejects.toThrow(/no path within a folder/);
  expect(await readdir(hub.access.cache)).toEqual([]);
});

test.each([
  ['with slashes and dots', { ...listed('config.json', '{}'), oid: '../../../escaped' }],
  ['too short', { ...listed('config.json', '{}'), oid: 'abc' }],
  ['of a large file that is none', { ...listed('config.json', '{}'), lfs: { oid: `../${'a'.repeat(61)}`, size: 2 } }],
  ['not there', { type: 'file', path: 'config.json', size: 2 }],
])('an object id %s is refused', async (_what, entry) => {
  const hub = await hubThat(listing(entry));
  await expect(fetchModel('owner/name', undefined, hub.access)).rejects.toThrow(/without its size and digest/);
  expect(await readdir(hub.access.cache)).toEqual([]);
});

test.each(['../../escaped', 'main', '', sha.slice(1), sha.toUpperCase()])('a commit %j is refused', async (own) => {
  const hub = await hubThat(({ url, json }) => {
    if (!url.pathname.includes('/revision/')) return false;
    json({ sha: own });
    return true;
  });
  await expect(fetchModel('owner/name', undefined, hub.access)).rejects.toThrow(/no commit of 40/);
});

test.each([
  ['owner/name', '../../../escaped'],
  ['owner/name', '/etc'],
  ['owner/..', 'main'],
  ['a--b/c', 'main'],
  ['owner/name/more', 'main'],
])('name %j with revision %j never becomes a path', async (name, revision) => {
  const hub = await hubThat();
  for (const offline of [false, true])
    await expect(fetchModel(name, revision, { ...hub.access, offline })).rejects.toThrow(/is no (id of a hub|name)/);
  expect(hub.asked).toEqual([]);
});

test('a reference in the cache that is no commit leads nowhere', async () => {
  const { access } = await hubThat();
  const store = join(access.cache, 'models--owner--name');
  await mkdir(join(store, 'refs'), { recursive: true });
  await mkdir(join(access.cache, 'other'));
  await writeFile(join(access.cache, 'other', 'config.json'), '{}');
  await writeFile(join(store, 'refs', 'main'), '../../other');
  await expect(fetchModel('owner/name', undefined, { ...access, offline: true })).rejects.toThrow(
    /nothing of it in the cache/,
  );
});

test.each(['config.json', 'model.safetensors'])('%s with other bytes than its digest is not kept', async (bad) => {
  const hub = await hubThat(({ url, request, response }) => {
    if (!url.pathname.endsWith(`/${bad}`)) return false;
    sendRange(files[bad === 'config.json' ? bad : 'model.safetensors'].replace(/.$/, 'X'), request, response);
    return true;
  });
  await expect(fetchModel('owner/name', undefined, hub.access)).rejects.toThrow(
    /has the digest \w+, the hub's list says/,
  );
  const store = join(hub.access.cache, 'models--owner--name');
  expect((await readdir(join(store, 'blobs'))).filter((name) => name.endsWith('.incomplete'))).toEqual([]);
  expect(existsSync(join(store, 'snapshots', sha, bad))).toBe(false);
  expect(existsSync(join(store, 'refs'))).toBe(false);
});

/** Sends so many bytes of what is left of the weights, and then breaks off. */
const breaksOff = ({ request, response }: Exchange, bytes: number): void => {
  const from = Number(/\d+/.exec(request.headers.range ?? '0')?.[0]);
  const whole = weights.length - from;
  const headers = { 'content-length': whole, 'content-range': `bytes ${from}-${weights.length - 1}/${weights.length}` };
  response.writeHead(from === 0 ? 200 : 206, headers);
  response.write(weights.slice(from, from + bytes), () => response.destroy());
};

test('a connection that breaks off again and again goes on where it stopped', async () => {
  const ranges: (string | undefined)[] = [];
  const hub = await hubThat((exchange) => {
    if (!exchange.url.pathname.endsWith('.safetensors')) return false;
    ranges.push(exchange.request.headers.range);
    if (ranges.length > 2) return false;
    breaksOff(exchange, 70_000);
    return true;
  });
  const folder = await fetchModel('owner/name', undefined, hub.access);
  expect(await readFile(join(folder, 'model.safetensors'), 'utf8')).toBe(weights);
  // How much of what was written has gone out before a connection dies is the system's to say: all of it at most, and never nothing.
  const [first, second, third, ...rest] = ranges.map((range) => Number(/\d+/.exec(range ?? '0')?.[0]));
  expect([first, rest]).toEqual([0, []]);
  expect(second).toBeGreaterThan(0);
  expect(second).toBeLessThanOrEqual(70_000);
  expect(third).toBeGreaterThan(second ?? NaN);
  expect(third).toBeLessThanOrEqual((second ?? NaN) + 70_000);
});

test('a download that stays cut off says what to do, is not taken for whole, and is completed by the next one', async () => {
  let broken = true;
  const hub = await hubThat((exchange) => {
    if (!broken || !exchange.url.pathname.endsWith('.safetensors')) return false;
    breaksOff(exchange, exchange.request.headers.range === undefined ? 1000 : 0);
    return true;
  });
  const attempt = fetchModel('owner/name', undefined, hub.access);
  await expect(attempt).rejects.toThrow(InputError);
  await expect(attempt).rejects.toThrow(/broke off.*run the same command again: it goes on where it stopped/);
  const offline = fetchModel('owner/name', undefined, { ...hub.access, offline: true });
  await expect(offline).rejects.toThrow(/nothing of it in the cache/);
  broken = false;
  const folder = await fetchModel('owner/name', undefined, hub.access);
  expect(await readFile(join(folder, 'model.safetensors'), 'utf8')).toBe(weights);
});

test('more bytes than the list says are not taken', async () => {
  const hub = await hubThat(({ url, response }) => {
    if (!url.pathname.endsWith('.safetensors')) return false;
    response.end(`${weights}more`);
    return true;
  });
  await expect(fetchModel('owner/name', undefined, hub.access)).rejects.toThrow(/gives more than the 200000 bytes/);
});

test('a server in trouble is asked again; one that answers too much, or no JSON, is not', async () => {
  let troubles = 2;
  const hub = await hubThat(({ response }) => {
    if (troubles-- <= 0) return false;
    response.writeHead(503).end();
    return true;
  });
  expect(await readdir(await fetchModel('owner/name', undefined, hub.access))).toHaveLength(2);
  const flood = await hubThat(({ response }) => {
    const piece = ' '.repeat(2 ** 20);
    const more = (): void => {
      if (!response.destroyed) response.write(piece, more);
    };
    more();
    return true;
  });
  await expect(fetchModel('owner/name', undefined, flood.access)).rejects.toThrow(/an answer of more than \d+ bytes/);
  const page = await hubThat(({ response }) => {
    response.end('<html>');
    return true;
  });
  await expect(fetchModel('owner/name', undefined, page.access)).rejects.toThrow(/what is no JSON/);
});

test('a hub that says nothing is given up, and redirects without end or away from the web are not followed', async () => {
  const mute = await hubThat(() => true);
  const access = { ...mute.access, patience: { tries: 1, silence: 50, wait: () => Promise.resolve() } };
  await expect(fetchModel('owner/name', undefined, access)).rejects.toThrow(/nothing came for 0.05 seconds/);
  for (const location of ['/again', 'file:///etc/passwd']) {
    const hub = await hubThat(({ response }) => {
      response.writeHead(302, { location }).end();
      return true;
    });
    await expect(fetchModel('owner/name', undefined, hub.access)).rejects.toThrow(InputError);
  }
});
