// Chat templates of model folders: where they are found, what they are given, and what is said of bad ones.
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@espalier/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openChatTemplate, type ChatMessage, type ChatTemplate } from './template.js';

const chatml =
  "{%- for message in messages %}{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}{%- endfor %}{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}";
const messages: readonly ChatMessage[] = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'Hello {{ messages }}' },
];
const rendered =
  '<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHello {{ messages }}<|im_end|>\n<|im_start|>assistant\n';

/** A loop of a template that sets `n.s` so many times. */
function grow(times: number, value: string): string {
  return `{% for i in range(${times}) %}{% set n.s = ${value} %}{% endfor %}`;
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espalier-chat-'));
});
afterEach(async () => {
  for (const { close } of open.splice(0)) close();
  await rm(folder, { recursive: true, force: true });
});

const open: ChatTemplate[] = [];
async function opened(): Promise<ChatTemplate | undefined> {
  const template = await openChatTemplate(folder);
  if (template !== undefined) open.push(template);
  return template;
}

const config = (value: unknown): Promise<void> =>
  writeFile(join(folder, 'tokenizer_config.json'), JSON.stringify(value));

test('a folder without a template has none', async () => {
  expect(await openChatTemplate(folder)).toBeUndefined();
  await config({ bos_token: '<s>' });
  expect(await openChatTemplate(folder)).toBeUndefined();
});

test.each([
  ['a text', { chat_template: chatml }],
  [
    'the default of a list',
    {
      chat_template: [
        { name: 'rag', template: 'x' },
        { name: 'default', template: chatml },
      ],
    },
  ],
])(
  'the template is %s of tokenizer_config.json, and what is said is never read as a template',
  async (_name, value) => {
    await config(value);
    expect(await (await opened())?.render(messages)).toBe(rendered);
  },
);

test('chat_template.jinja comes first, and templates see the special tokens', async () => {
  await config({ chat_template: 'x', bos_token: { content: '<s>' }, eos_token: '</s>' });
  await writeFile(join(folder, 'chat_template.jinja'), '{{ bos_token }}{{ messages[0].content }}{{ eos_token }}');
  expect(await (await opened())?.render(messages)).toBe('<s>Be brief.</s>');
});

test.each([
  ['{% for %}', /chat template of/],
  ["{{ raise_exception('only user and assistant') }}", /only user and assistant/],
  ['{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}', /not done after 2 seconds/],
  ['{{ messages | nothing }}', /chat template of/],
  [`{% set n = namespace(s='x') %}${grow(28, 'n.s + n.s')}{{ n.s | upper }}`, /more than 64 MB of memory/],
  [`{% set n = namespace(s=[1]) %}${grow(40, 'n.s + n.s')}{{ n.s | length }}`, /more than 64 MB of memory/],
  ["{{ range(20000000) | join(',') }}", /more than 64 MB of memory/],
  [`{% set n = namespace(s='x') %}${grow(40, 'n.s + n.s')}{{ n.s }}`, /Invalid string length/],
])('%s is refused in words', async (text, message) => {
  await writeFile(join(folder, 'chat_template.jinja'), text);
  const attempt = async (): Promise<unknown> => (await opened())?.render(messages);
  await expect(attempt()).rejects.toThrow(InputError);
  await expect(attempt()).rejects.toThrow(message);
});

test('a template that failed for one conversation is there for the next', async () => {
  const text = "{% if messages | length > 1 %}{{ range(20000000) | join(',') }}{% endif %}{{ messages[0].content }}";
  await writeFile(join(folder, 'chat_template.jinja'), text);
  const template = await opened();
  await expect(template?.render(messages)).rejects.toThrow(/more than 64 MB/);
  expect(await template?.render(messages.slice(0, 1))).toBe('Be brief.');
});

test('brackets without end are refused in words', async () => {
  await writeFile(join(folder, 'chat_template.jinja'), `{{ ${'('.repeat(20_000)}1${')'.repeat(20_000)} }}`);
  await expect(openChatTemplate(folder)).rejects.toThrow(/it is nested too deep/);
});

test('a tokenizer_config.json that is none is refused', async () => {
  await config({ chat_template: 7 });
  await expect(openChatTemplate(folder)).rejects.toThrow(/tokenizer_config.json/);
});

test.each(['chat_template.jinja', 'tokenizer_config.json'])(
  'a %s that is a link out of the folder is refused',
  async (name) => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'espalier-elsewhere-'));
    await writeFile(join(elsewhere, name), '{"chat_template": "{{ messages[0].content }}"}');
    await symlink(join(elsewhere, name), join(folder, name));
    await expect(opened()).rejects.toThrow(/Put the file itself into the model folder/);
    await rm(elsewhere, { recursive: true });
  },
);
