// Finds relative links in Markdown and the anchors that headings give; knows nothing about the file system.
import { at } from '@espalier/core';

/** A link as written: the path before `#` (empty for this page), the anchor after it, and its 1-based line. */
export interface Link {
  readonly path: string;
  readonly anchor: string | undefined;
  readonly line: number;
}

/** Lines with fenced blocks, inline code and comments blanked, so that examples are not taken for links. */
function proseLines(markdown: string): string[] {
  let fence: string | undefined;
  return markdown
    .replace(/<!--[\s\S]*?-->/g, (comment) => comment.replace(/[^\n]/g, ' '))
    .split('\n')
    .map((line) => {
      const mark = /^\s*(```+|~~~+)/.exec(line)?.[1];
      if (fence === undefined && mark !== undefined) {
        fence = mark;
        return '';
      }
      if (fence !== undefined) {
        if (mark?.startsWith(fence) === true) fence = undefined;
        return '';
      }
      return line;
    });
}

const LINK_FORMS = [
  /\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g, // [text](target "title") and images
  /^\s*\[[^\]]+\]:\s*<?([^\s>]+)>?/g, // [label]: target
  /\b(?:href|src)="([^"]+)"/g, // inline HTML
];

/** All relative links of a page; targets with a scheme (`https:`, `mailto:`) are left out. */
export function relativeLinks(markdown: string): Link[] {
  return proseLines(markdown).flatMap((text, index) => {
    const prose = text.replace(/`[^`]*`/g, (code) => ' '.repeat(code.length));
    return LINK_FORMS.flatMap((form) => [...prose.matchAll(form)])
      .map((match) => at(match, 1))
      .filter((target) => !/^([a-z][a-z0-9+.-]*:|\/\/)/i.test(target))
      .map((target) => {
        const [path = '', anchor] = target.split('#', 2);
        return { path: decodeURIComponent(path), anchor, line: index + 1 };
      });
  });
}

/** The anchors of a page by GitHub's rule: lower case, punctuation dropped, spaces to hyphens, repeats numbered. */
export function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>();
  for (const line of proseLines(markdown)) {
    for (const match of line.matchAll(/\b(?:id|name)="([^"]+)"/g)) anchors.add(at(match, 1));
    const heading = /^#{1,6}\s+(.*?)\s*#*\s*$/.exec(line)?.[1];
    if (heading === undefined) continue;
    const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = text.replace(/[^\p{L}\p{N}\p{M}_\- ]/gu, '').replaceAll(' ', '-');
    let unique = slug;
    for (let repeat = 1; anchors.has(unique); repeat++) unique = `${slug}-${repeat}`;
    anchors.add(unique);
  }
  return anchors;
}
