// A hub on this machine with one model, `owner/name`, made of the files of a folder.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';

const sha = 'a'.repeat(40);

/** Serves a folder; `close` ends it. */
export async function serveHub(folder: string): Promise<{ readonly endpoint: string; close(): Promise<unknown> }> {
  const names = await readdir(folder);
  const contents = new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const)),
  );
  const entries = [...contents].map(([path, bytes]) => ({
    type: 'file',
    path,
    size: bytes.length,
    oid: createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex'),
  }));
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://hub');
    if (pathname.includes('/tree/')) return response.end(JSON.stringify(entries));
    if (pathname.startsWith('/api/')) return response.end(JSON.stringify({ sha }));
    const [, name = ''] = pathname.split(`/resolve/${sha}/`);
    return response.end(contents.get(name));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const close = (): Promise<unknown> => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { endpoint: `http://127.0.0.1:${port}`, close };
}
