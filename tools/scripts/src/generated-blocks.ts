// Re-renders the parts of a page that come from code. A block opens with `<!-- generated:NAME -->` on a line of its own
// and closes with `<!-- /generated -->`; everything between is replaced. Rendering itself is in renderers.ts.
import { at } from '@espalier/core';

/** Gives the Markdown of a block. */
export type Renderer = () => string | Promise<string>;

/** A page with its blocks renewed, and what stopped some of them. */
export interface Rendered {
  readonly text: string;
  readonly problems: readonly string[];
}

const OPEN = /^<!-- generated:(\S+) -->$/;
const CLOSE = '<!-- /generated -->';

/** Replaces the body of every block; unknown names, nested and unclosed blocks are problems and stay as they are. */
export async function renderBlocks(text: string, renderers: Readonly<Record<string, Renderer>>): Promise<Rendered> {
  const lines = text.split('\n');
  const out: string[] = [];
  const problems: string[] = [];
  for (let i = 0; i < lines.length; i++) {
    const line = at(lines, i);
    out.push(line);
    if (line === CLOSE) problems.push(`line ${i + 1}: \`${CLOSE}\` closes nothing`);
    const name = OPEN.exec(line)?.[1];
    if (name === undefined) continue;
    const end = lines.findIndex((other, at) => at > i && (other === CLOSE || OPEN.test(other)));
    const renderer = Object.hasOwn(renderers, name) ? renderers[name] : undefined;
    if (end < 0 || lines[end] !== CLOSE) {
      problems.push(`line ${i + 1}: block \`${name}\` is not closed by \`${CLOSE}\``);
    } else if (renderer === undefined) {
      const known = Object.keys(renderers).join(', ') || 'none yet';
      problems.push(`line ${i + 1}: no renderer is named \`${name}\` (known: ${known})`);
      out.push(...lines.slice(i + 1, end + 1));
      i = end;
    } else {
      out.push('', (await renderer()).trim(), '', CLOSE);
      i = end;
    }
  }
  return { text: out.join('\n'), problems };
}
