// Links of a small site held in memory.
import { expect, test } from 'vitest';
import { deadLinks } from './site-links.js';

const files = new Set(['assets/style.css']);
const check = (pages: Record<string, string>) => deadLinks(new Map(Object.entries(pages)), (file) => files.has(file));

test('links to pages, anchors, other files and other sites pass', () => {
  const index = `<link href="assets/style.css"><a href="sub/a.html#b&amp;c">x</a><a href="#top" id="top">y</a>
    <a href="https://example.org/nothing">z</a><a href="mailto:a@b.c">m</a>`;
  expect(check({ 'index.html': index, 'sub/a.html': '<h1 id="b&c"></h1><a href="../index.html#top">up</a>' })).toEqual(
    [],
  );
});

test('a page, a file or an anchor that is not there is told once, with the page that links to it', () => {
  const a = '<a href="none.html"></a><a href="none.html"></a><img src="../none.png"><a href="../index.html#gone"></a>';
  expect(check({ 'index.html': '<a href="../outside.html"></a>', 'sub/a.html': a })).toEqual([
    'index.html: link to ../outside.html, which the site does not have',
    'sub/a.html: link to none.html, which the site does not have',
    'sub/a.html: link to ../none.png, which the site does not have',
    'sub/a.html: link to #gone, which is nowhere in index.html',
  ]);
});
