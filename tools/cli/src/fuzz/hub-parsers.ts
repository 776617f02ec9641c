// What a hub may answer: the commit of a revision, the list of its files, and where that list goes on. Nothing goes over a network.
import { rmSync } from 'node:fs';
import { at } from '@espalier/core';
import { locateConfig, type HubAccess } from '@espalier/run';
import { corpusOf, lines, one, type Parser } from './corpus.js';

const commit = at(corpusOf('hub-commit'), 0);
const tree = at(corpusOf('hub-tree'), 0);

interface Answers {
  readonly commit?: Buffer;
  readonly tree?: Buffer;
  readonly link?: string;
  readonly content?: Buffer;
}

/** A hub that gives these answers, a right one where none is given; its cache is new. */
function hubOf(answers: Answers, cache: string): HubAccess {
  rmSync(cache, { recursive: true, force: true });
  let pages = 0;
  return {
    endpoint: 'http://hub',
    cache,
    offline: false,
    patience: { tries: 1, silence: 60_000, wait: () => Promise.resolve() },
    say: () => undefined,
    fetch: (address) => {
      const { pathname } = new URL(address instanceof Request ? address.url : address);
      if (pathname.includes('/revision/')) return Promise.resolve(answer(answers.commit ?? commit));
      if (!pathname.includes('/tree/')) return Promise.resolve(answer(answers.content ?? Buffer.from('{}')));
      const link = pages++ === 0 ? answers.link : undefined;
      return Promise.resolve(answer(answers.tree ?? tree, link === undefined ? {} : { link }));
    },
  };
}

function answer(body: Buffer, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(new Uint8Array(body), { headers });
}

/** Readers of each answer. */
export function hubParsers(): readonly Parser[] {
  const fetchWith = (answers: Answers, folder: string): Promise<string> =>
    locateConfig('owner/name', 'main', hubOf(answers, folder));
  return [
    one('hub-commit', (bytes, folder) => fetchWith({ commit: bytes }, folder)),
    one('hub-tree', (bytes, folder) => fetchWith({ tree: bytes }, folder)),
    {
      ...lines('hub-link', () => undefined),
      read: (bytes, folder) =>
        // What a header cannot hold, no server can send.
        fetchWith({ link: bytes.toString('latin1').replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '') }, folder),
    },
  ];
}
