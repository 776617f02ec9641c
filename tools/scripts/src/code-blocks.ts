// TypeScript blocks of Markdown pages, so that a test can compile and run what readers copy.
import { at } from '@espalier/core';

/** A fenced block: its code, the page, the 1-based line where the code begins. */
export interface CodeBlock {
  readonly page: string;
  readonly line: number;
  readonly code: string;
}

/** Every ```ts block of a page; longer fences (a page that shows Markdown) hide the blocks inside them. */
export function typescriptBlocks(page: string, markdown: string): readonly CodeBlock[] {
  const blocks: CodeBlock[] = [];
  const lines = markdown.split('\n');
  for (let index = 0; index < lines.length; index++) {
    const [, fence, language] = /^(```+)(\w*)/.exec(at(lines, index)) ?? [];
    if (fence === undefined) continue;
    const start = index + 1;
    while (index + 1 < lines.length && lines[index + 1] !== fence) index += 1;
    if (language === 'ts') blocks.push({ page, line: start + 1, code: lines.slice(start, index + 1).join('\n') });
    index += 1;
  }
  return blocks;
}
