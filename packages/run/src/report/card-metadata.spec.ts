// Cards as people write them, byte-order marks and line ends included, and as this project writes them: what a card claims is what is read.
import { parse } from 'yaml';
import { expect, test } from 'vitest';
import { cardFront, readCardMetadata } from './card-metadata.js';
import { modelCard } from './model-card.js';

test('licence, languages and origin come from the front matter, quoted or plain, alone or in lists', () => {
  expect(readCardMetadata('---\nlicense: apache-2.0\nbase_model: Qwen/Qwen2.5-0.5B # the base\n---\n# Card')).toEqual({
    license: 'apache-2.0',
    base_model: 'Qwen/Qwen2.5-0.5B',
  });
  const other =
    '---\r\nlicense: other\r\nlicense_name: "own terms"\r\nlicense_link: LICENSE\r\nbase_model:\r\n- a/b\r\n- c/d\r\n---\r\n';
  expect(readCardMetadata(other)).toEqual({
    license: 'other',
    license_name: 'own terms',
    license_link: 'LICENSE',
    base_model: ['a/b', 'c/d'],
  });
});

test.each([
  ['a byte-order mark', '\uFEFF---\nlicense: mit\n---\n'],
  ['lines before it that are empty', '\n\n---\nlicense: mit\n---\n'],
  ['spaces behind the dashes', '---  \nlicense: mit\n--- \ntext'],
  ['nothing behind it', '---\nlicense: mit\n---'],
  ['line ends of Windows and a byte-order mark', '\uFEFF---\r\nlicense: mit\r\n---\r\n# Card'],
  ['dashes within it', '---\nlicense: mit\nsummary: a\n  ---b\n---\n'],
  ['a folded text', '---\nlicense: >-\n  mit\n---\n'],
])('front matter is found with %s', (_what, card) => {
  expect(readCardMetadata(card).license).toBe('mit');
});

test.each([
  ['no front matter', '# license: mit'],
  ['text before it', 'text\n---\nlicense: mit\n---\n'],
  ['no end', '---\nlicense: mit\n'],
  ['an end that is no line of its own', '---\nlicense: mit\n---- text\n'],
  ['an entry of an entry', '---\nmodel:\n  license: mit\n---\n'],
  ['a map', '---\nlicense: {a: b}\n---\n'],
  ['a number in a list', '---\nlicense: [mit, 7]\n---\n'],
  ['names that every object has', '---\n__proto__: {license: mit}\nconstructor: x\n---\n'],
  ['what is no YAML', '---\n: : [\n---\n'],
])('nothing is guessed from %s', (_what, card) => {
  expect(readCardMetadata(card)).toEqual({});
});

test('a card of a megabyte that never ends its front matter is read at once', () => {
  const begun = performance.now();
  for (const filler of ['\n', '-', '---', ' ', '\n---x', '--- \n ']) readCardMetadata(`---\n${filler.repeat(2 ** 18)}`);
  expect(performance.now() - begun).toBeLessThan(5_000);
});

test('what a written card claims is what a reader gets, of YAML 1.1 too, where a language may be called no', () => {
  const claimed = {
    license: 'other',
    license_name: 'no: #1 "terms"',
    license_link: 'https://host/LICENSE?a=1#b',
    language: ['no', 'en', 'on', '1_000', '12:30:45', '~', 'null', '1.0', '{a}', ' x '],
  };
  const subject = { name: 'm', row: 'w/distilled', base: 'owner/llama', datasets: ['owner/texts', '2001-01-01/x'] };
  const none = { rows: [], curves: [], plans: [], candidates: [], costs: [], samples: [], warnings: [] };
  const report = { title: '', sessions: 1, ...none };
  const card = modelCard({ ...subject, baseCard: cardFront(claimed) }, report);
  const all = { ...claimed, base_model: 'owner/llama', datasets: subject.datasets };
  expect(readCardMetadata(card)).toEqual(all);
  const front = card.split('---\n')[1] ?? '';
  expect(parse(front, { version: '1.1' })).toMatchObject(all);
});
