// Links of HTML pages within one site, followed by path and anchor. Addresses with a scheme are left out; files are read elsewhere.
import path from 'node:path';
import { at } from '@espalier/core';

/** A page's links that stay on the site, as written there. */
function localLinks(html: string): readonly string[] {
  return [...html.matchAll(/\b(?:href|src)="([^"]+)"/g)]
    .map((match) => decodeURIComponent(at(match, 1).replaceAll('&amp;', '&')))
    .filter((target) => !/^([a-z][a-z0-9+.-]*:|\/\/)/i.test(target));
}

function anchorsOf(html: string): ReadonlySet<string> {
  return new Set([...html.matchAll(/\b(?:id|name)="([^"]+)"/g)].map((match) => at(match, 1)));
}

/**
 * Links that lead nowhere, as `page: link to target, …`. `pages` are the site's HTML files (path from its root → text); `exists` tells of any
 * other file by such a path.
 */
export function deadLinks(pages: ReadonlyMap<string, string>, exists: (file: string) => boolean): readonly string[] {
  const anchors = new Map([...pages].map(([name, html]) => [name, anchorsOf(html)] as const));
  const problems = new Set<string>();
  for (const [name, html] of pages) {
    for (const link of localLinks(html)) {
      const [target = '', anchor = ''] = link.split('#', 2);
      const file = target === '' ? name : path.posix.normalize(path.posix.join(path.posix.dirname(name), target));
      const known = anchors.get(file);
      if (known === undefined && (file.startsWith('../') || !exists(file)))
        problems.add(`${name}: link to ${target}, which the site does not have`);
      else if (anchor !== '' && known !== undefined && !known.has(anchor))
        problems.add(`${name}: link to #${anchor}, which is nowhere in ${file}`);
    }
  }
  return [...problems];
}
