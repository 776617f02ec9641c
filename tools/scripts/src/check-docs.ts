// The checks of the documentation as a function of its pages; reading and writing files is docs.ts.
import path from 'node:path';
import { format } from 'prettier';
import { type Renderer, renderBlocks } from './generated-blocks.js';
import { anchorsOf, relativeLinks } from './markdown-links.js';

/** Pages whose blocks changed, with their new text, and problems as `page:line: what is wrong`. */
export interface DocsReport {
  readonly renewed: ReadonlyMap<string, string>;
  readonly problems: string[];
}

/** Renews the blocks of all pages (path from the repository root → text), then follows every relative link. */
export async function checkDocs(
  pages: ReadonlyMap<string, string>,
  renderers: Readonly<Record<string, Renderer>>,
  exists: (file: string) => boolean,
): Promise<DocsReport> {
  const problems: string[] = [];
  const renewed = new Map<string, string>();
  const current = new Map(pages);
  const formatted = formatting(renderers);
  for (const [name, text] of pages) {
    const rendered = await renderBlocks(text, formatted);
    problems.push(...rendered.problems.map((problem) => `${name}: ${problem}`));
    if (rendered.text === text) continue;
    renewed.set(name, rendered.text);
    current.set(name, rendered.text);
  }
  for (const [name, text] of current) {
    for (const { path: target, anchor, line } of relativeLinks(text)) {
      const file = target === '' ? name : path.posix.normalize(path.posix.join(path.posix.dirname(name), target));
      const page = current.get(file);
      if (file.startsWith('../') || !exists(file)) {
        problems.push(`${name}:${line}: link to ${target}, which does not exist`);
      } else if (anchor !== undefined && page !== undefined && !anchorsOf(page).has(anchor)) {
        problems.push(`${name}:${line}: link to #${anchor}, which no heading of ${file} gives`);
      }
    }
  }
  return { renewed, problems };
}

/** The same renderers with their output laid out by Prettier, so that the format check agrees with the docs check. */
function formatting(renderers: Readonly<Record<string, Renderer>>): Readonly<Record<string, Renderer>> {
  return Object.fromEntries(
    Object.entries(renderers).map(([name, render]) => [
      name,
      async () => await format(await render(), { parser: 'markdown', printWidth: 120, singleQuote: true }),
    ]),
  );
}
