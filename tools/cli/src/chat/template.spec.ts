// Chat templates of model folders: where they are found, what they are given, and what is said of bad ones.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@espalier/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openChatTemplate, type ChatMessage } from './template.js';

const chatml =
  "{%- for message in messages %}{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}{%- endfor %}{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}";
const messages: readonly ChatMessage[] = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'Hello {{ messages }}' },
];
const rendered =
  '<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHello {{ messages }}<|im_end|>\n<|im_start|>assistant\n';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espalier-chat-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

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
    expect((await openChatTemplate(folder))?.(messages)).toBe(rendered);
  },
);

test('chat_template.jinja comes first, and templates see the special tokens', async () => {
  await config({ chat_template: 'x', bos_token: { content: '<s>' }, eos_token: '</s>' });
  await writeFile(join(folder, 'chat_template.jinja'), '{{ bos_token }}{{ messages[0].content }}{{ eos_token }}');
  expect((await openChatTemplate(folder))?.(messages)).toBe('<s>Be brief.</s>');
});

test.each([
  ['{% for %}', /chat template of/],
  ["{{ raise_exception('only user and assistant') }}", /only user and assistant/],
  ['{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}', /not done after 2 seconds/],
  ['{{ messages | nothing }}', /chat template of/],
])('%s is refused in words', async (text, message) => {
  await writeFile(join(folder, 'chat_template.jinja'), text);
  const attempt = async (): Promise<unknown> => (await openChatTemplate(folder))?.(messages);
  await expect(attempt()).rejects.toThrow(InputError);
  await expect(attempt()).rejects.toThrow(message);
});

test('brackets without end are refused in words', async () => {
  await writeFile(join(folder, 'chat_template.jinja'), `{{ ${'('.repeat(20_000)}1${')'.repeat(20_000)} }}`);
  await expect(openChatTemplate(folder)).rejects.toThrow(/it is nested too deep/);
});

test('a tokenizer_config.json that is none is refused', async () => {
  await config({ chat_template: 7 });
  await expect(openChatTemplate(folder)).rejects.toThrow(/tokenizer_config.json/);
});
