// Documentation checks on small pages held in memory.
import { describe, expect, test } from 'vitest';
import { checkDocs } from './check-docs.js';
import { anchorsOf, relativeLinks } from './markdown-links.js';

const block = (name: string, body: string): string =>
  `# Page\n\n<!-- generated:${name} -->\n${body}<!-- /generated -->\n`;
const files = new Set(['README.md', 'docs/a.md', 'docs/b.md', 'packages/core/src/index.ts']);
const check = (pages: Record<string, string>, renderers = {}): ReturnType<typeof checkDocs> =>
  checkDocs(new Map(Object.entries(pages)), renderers, (file) => files.has(file));

describe('generated blocks', () => {
  const renderers = { ops: () => '| op | arity |\n|-|-|\n| add | 2 |' };
  const table = '\n| op  | arity |\n| --- | ----- |\n| add | 2     |\n\n';

  test('a stale block is renewed, laid out as Prettier would', async () => {
    const { renewed, problems } = await check({ 'README.md': block('ops', 'old\n') }, renderers);
    expect(problems).toEqual([]);
    expect(renewed.get('README.md')).toBe(block('ops', table));
  });

  test('a fresh block is left alone', async () => {
    expect((await check({ 'README.md': block('ops', table) }, renderers)).renewed.size).toBe(0);
  });

  test('an unknown name is a problem that lists the known ones, and its body stays', async () => {
    const { renewed, problems } = await check({ 'README.md': block('opps', 'kept\n') }, renderers);
    expect(problems).toEqual(['README.md: line 3: no renderer is named `opps` (known: ops)']);
    expect(renewed.size).toBe(0);
  });

  test('an unclosed block is a problem and nothing after it is lost', async () => {
    const { renewed, problems } = await check({ 'README.md': '<!-- generated:ops -->\ntext\n' }, renderers);
    expect(problems).toEqual(['README.md: line 1: block `ops` is not closed by `<!-- /generated -->`']);
    expect(renewed.size).toBe(0);
  });
});

describe('links', () => {
  test.each([
    ['to a file', '[x](docs/a.md)'],
    ['to a heading of this page', '# Two words\n[x](#two-words)'],
    ['to a heading of another page', '[x](docs/a.md#the-graph)'],
    ['into a source file', '[x](packages/core/src/index.ts#L3)'],
    ['with a scheme', '[x](https://example.org/nothing) [y](mailto:a@b.c)'],
    ['in code', '`[x](nowhere.md)`\n\n```md\n[x](nowhere.md)\n```'],
  ])('%s pass', async (_case, readme) => {
    expect((await check({ 'README.md': readme, 'docs/a.md': '## The graph' })).problems).toEqual([]);
  });

  test.each([
    ['[x](nowhere.md)', 'README.md:1: link to nowhere.md, which does not exist'],
    ['![x](nowhere.svg "title")', 'README.md:1: link to nowhere.svg, which does not exist'],
    ['[x]: nowhere.md', 'README.md:1: link to nowhere.md, which does not exist'],
    ['<img src="nowhere.png">', 'README.md:1: link to nowhere.png, which does not exist'],
    ['[x](../outside.md)', 'README.md:1: link to ../outside.md, which does not exist'],
    ['\n\n[x](#nothing)', 'README.md:3: link to #nothing, which no heading of README.md gives'],
    ['[x](docs/a.md#nothing)', 'README.md:1: link to #nothing, which no heading of docs/a.md gives'],
  ])('%s fails', async (readme, problem) => {
    expect((await check({ 'README.md': readme, 'docs/a.md': '## The graph' })).problems).toEqual([problem]);
  });

  test('resolve from the folder of their page', async () => {
    expect((await check({ 'docs/a.md': '[x](b.md) [y](../README.md)' })).problems).toEqual([]);
  });

  test('a repeated heading gets a numbered anchor', () => {
    expect([...anchorsOf('# One\n# One\n## `code`, & more')]).toEqual(['one', 'one-1', 'code--more']);
  });

  test('links carry their line', () => {
    expect(relativeLinks('a\n[x](b.md#c)')).toEqual([{ path: 'b.md', anchor: 'c', line: 2 }]);
  });
});
