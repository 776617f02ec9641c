// A hub whose answers are odd, as proxies, portals and failing servers give them: a file is right, or there is one sentence, and what is
// left behind does not stand in the way of the next try.
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { InputError } from '@espalier/core';
import { afterEach, expect, test } from 'vitest';
import type { HubAccess } from './access.js';
import { fetchModel } from './fetch.js';
import { listed, startHub, type Exchange, type HubServer } from './testing/hub-server.js';

const weights = Array.from({ length: 20_000 }, (_, i) => String(i).padStart(10)).join('');
const size = weights.length;
const files = { 'config.json': '{}', 'model.safetensors': weights };

const servers: HubServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});
async function hubThat(answers: (exchange: Exchange) => boolean): Promise<HubServer> {
  const server = await startHub(files, answers);
  servers.push(server);
  return server;
}

/** Answers for the weights alone, while it is asked to. */
function odd(answer: (exchange: Exchange) => unknown, isOn: () => boolean = () => true) {
  return (exchange: Exchange): boolean => {
    if (!isOn() || !exchange.url.pathname.endsWith('.safetensors')) return false;
    answer(exchange);
    return true;
  };
}

const impatient = (access: HubAccess, silence = 5000): HubAccess => ({
  ...access,
  patience: { tries: 2, silence, wait: () => Promise.resolve() },
});
const fetched = async (access: HubAccess): Promise<string> =>
  readFile(join(await fetchModel('owner/name', undefined, access), 'model.safetensors'), 'utf8');
const partial = ({ access }: HubServer): string =>
  join(
    access.cache,
    'models--owner--name',
    'blobs',
    `${createHash('sha256').update(weights).digest('hex')}.incomplete`,
  );
const raw = (text: string) => (exchange: Exchange) => exchange.request.socket.end(text);

test.each<[string, (exchange: Exchange) => unknown]>([
  [
    'packed although it was asked not to be',
    ({ response }) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(weights)),
  ],
  ['as a part without saying which', ({ response }) => response.writeHead(206).end(weights)],
  [
    'in a coding that there is not',
    ({ response }) => response.writeHead(200, { 'content-encoding': 'none' }).end(weights),
  ],
  [
    'byte after byte',
    ({ response }) => {
      for (const letter of weights.slice(0, 3000)) response.write(letter);
      response.end(weights.slice(3000));
    },
  ],
  [
    'with more announced than comes',
    ({ response }) => {
      response.writeHead(200, { 'content-length': size + 1 });
      response.write(weights, () => response.destroy());
    },
  ],
])('a file that comes %s is taken as it is', async (_what, answer) => {
  expect(await fetched(impatient((await hubThat(odd(answer))).access))).toBe(weights);
});

test.each<[string, (exchange: Exchange) => unknown, RegExp]>([
  [
    'the page of a portal',
    ({ response }) => response.writeHead(200, { 'content-length': 6 }).end('<html>'),
    /gave 6 bytes in place of the 200000 of model\.safetensors/,
  ],
  [
    'the page of a portal, of no told length',
    ({ response }) => response.write('<html>', () => response.end()),
    /broke off .* of 200000 bytes/,
  ],
  ['nothing (204)', ({ response }) => response.writeHead(204).end(), /0 of 200000 bytes/],
  [
    'another part',
    ({ response }) => response.writeHead(206, { 'content-range': 'bytes 9-18/200000' }).end('x'.repeat(10)),
    /gave another part|10 of 200000/,
  ],
  [
    'what says that it is packed and is not',
    ({ response }) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(weights),
    /broke off/,
  ],
  [
    'few bytes that unpack to many',
    ({ response }) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(2 ** 25))),
    /gives more than the 200000 bytes/,
  ],
  ['a redirect to nowhere', ({ response }) => response.writeHead(302).end(), /answered 302/],
  [
    'a redirect to an address with a password',
    ({ response }) => response.writeHead(302, { location: 'http://user:word@127.0.0.1/' }).end(),
    /redirects with a name or password/,
  ],
  [
    'a redirect to a port that is none of the web',
    ({ response }) => response.writeHead(302, { location: 'http://127.0.0.1:25/' }).end(),
    /did not answer \(bad port\)/,
  ],
  ['"not changed"', ({ response }) => response.writeHead(304).end(), /answered 304/],
  ['another protocol', raw('220 mail.example ESMTP\r\n'), /did not answer/],
  ['a promise alone', raw('HTTP/1.1 100 Continue\r\n\r\n'), /did not answer/],
  ['a head without end', raw(`HTTP/1.1 200 OK\r\nx: ${'a'.repeat(100_000)}`), /did not answer/],
  [
    'colours for a terminal in its head',
    raw('HTTP/1.1 200 \u001b[31mOK\r\ncontent-length: 0\r\n\r\n'),
    /did not answer|gave 0 bytes in place/,
  ],
])('%s in place of a file is one sentence, and the next try gets the file', async (_what, answer, found) => {
  let isOn = true;
  const hub = await hubThat(odd(answer, () => isOn));
  const attempt = fetched(impatient(hub.access));
  await expect(attempt).rejects.toThrow(InputError);
  await expect(attempt).rejects.toThrow(found);
  await expect(attempt).rejects.not.toThrow(/user:word|\u001b/);
  isOn = false;
  expect(await fetched(impatient(hub.access))).toBe(weights);
});

test.each([
  ['of other bytes', 'x'.repeat(1000)],
  ['as long as the file', 'x'.repeat(size)],
  ['longer than the file', 'x'.repeat(size + 1)],
])('what an earlier process left %s does not end up in the file', async (_what, text) => {
  const hub = await hubThat(() => false);
  await mkdir(join(partial(hub), '..'), { recursive: true });
  await writeFile(partial(hub), text);
  expect(await fetched(impatient(hub.access))).toBe(weights);
  expect(existsSync(partial(hub))).toBe(false);
});

test('a server that refuses to go on with a file is asked for the whole of it', async () => {
  const ranges: (string | undefined)[] = [];
  const hub = await hubThat(
    odd(({ request, response }) => {
      ranges.push(request.headers.range);
      if (request.headers.range === undefined) response.end(weights);
      else response.writeHead(416).end();
    }),
  );
  await mkdir(join(partial(hub), '..'), { recursive: true });
  await writeFile(partial(hub), weights.slice(0, 1000));
  expect(await fetched(impatient(hub.access))).toBe(weights);
  expect(ranges).toEqual(['bytes=1000-', undefined]);
});

test('a file that comes in drops is given up, although it is never silent', async () => {
  const hub = await hubThat(
    odd(({ response }) => {
      const drip = setInterval(() => response.write('x'), 5);
      response.on('close', () => clearInterval(drip));
    }),
  );
  await expect(fetched(impatient(hub.access, 100))).rejects.toThrow(/gave \d+ bytes in \d+ seconds/);
});

test('what does not fit on the disk is refused before any of it is fetched', async () => {
  const hub = await hubThat(({ url, json }) => {
    if (!url.pathname.includes('/tree/')) return false;
    json([
      listed('config.json', '{}'),
      { ...listed('model.safetensors', weights, true), lfs: { oid: 'a'.repeat(64), size: 2 ** 52 } },
    ]);
    return true;
  });
  await expect(fetched(hub.access)).rejects.toThrow(/it takes 4,503,599,628 MB, and the disk/);
  expect(hub.asked.filter((path) => path.includes('/resolve/'))).toEqual([]);
});

test.each<[string, unknown]>([
  ['that says another thing than a list', { error: 'x' }],
  ['whose sizes are text', [{ ...listed('config.json', '{}'), size: '2' }]],
  ['whose sizes are too large', [{ ...listed('config.json', '{}'), size: 1e300 }]],
  ['with nothing in it', []],
  ['with null in it', [null]],
])('a list %s is refused in words', async (_what, list) => {
  const hub = await hubThat(({ url, json }) => {
    if (!url.pathname.includes('/tree/')) return false;
    json(list);
    return true;
  });
  const attempt = fetchModel('owner/name', undefined, impatient(hub.access));
  await expect(attempt).rejects.toThrow(InputError);
  await expect(attempt).rejects.toThrow(/list of files that cannot be read|none of its files/);
});
