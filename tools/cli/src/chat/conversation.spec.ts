// A conversation: every answer is what the model says after all that was said, as far as it fits.
import { fileURLToPath } from 'node:url';
import { ortBackend } from '@espalier/backend-ort';
import { createGenerator, random, type Model } from '@espalier/core';
import { llama } from '@espalier/plugins';
import { fixtureModel } from '@espalier/testing';
import { expect, test } from 'vitest';
import { createConversation } from './conversation.js';
import type { ChatTemplate } from './template.js';

const folder = fileURLToPath(new URL('../../../../packages/core/src/testing/fixtures/tiny-llama', import.meta.url));
const fixture = await fixtureModel(folder, llama());
/** Its tokens are characters of a text of digits: id i is written as the i-th character. */
const letters = Array.from({ length: 96 }, (_, id) => String.fromCharCode(0x4e00 + id)).join('');
const tokenizer: Model['tokenizer'] = {
  ...fixture.tokenizer,
  prefix: [],
  suffix: [],
  endTokens: [],
  hasToken: (id) => id < 96,
  encode: (text) => Array.from(text, (letter) => letters.indexOf(letter)).filter((id) => id >= 0),
  decode: (ids) => ids.map((id) => letters[id] ?? '').join(''),
};
const model: Model = { ...fixture, tokenizer, architecture: { ...fixture.architecture, contextLength: 48 } };
const context = { backend: ortBackend() };
const template: Pick<ChatTemplate, 'render'> = {
  render: (messages) => Promise.resolve(messages.map(({ content }) => `${content}${letters[0] ?? ''}`).join('')),
};
const always = (text: string): typeof template => ({ render: () => Promise.resolve(text) });
const greedy = { temperature: 0, topP: 1, tokens: 6 };
const quiet = new AbortController().signal;

/** What the model says after these ids. */
async function after(ids: readonly number[]): Promise<string> {
  const generator = await createGenerator(model, context, {
    batch: 1,
    length: ids.length + 6,
    temperature: 0,
    prompt: [ids],
  });
  const drawn = await generator.sample(random(1));
  await generator.dispose();
  return tokenizer.decode([...drawn].slice(ids.length));
}

test('an answer follows from everything before it, and its parts are the whole', async () => {
  const own = createConversation(model, template, context, greedy, letters[9]);
  const heard: string[] = [];
  const say = (text: string): Promise<string> => own.answer(text, random(1), (part) => heard.push(part), quiet);
  const [one, two] = [letters.slice(3, 6), letters.slice(20, 23)];
  const first = await say(one);
  expect(first).toBe(await after(tokenizer.encode(`${letters[9]}${letters[0]}${one}${letters[0]}`)));
  const second = await say(two);
  const all = `${letters[9]}${letters[0]}${one}${letters[0]}${first}${letters[0]}${two}${letters[0]}`;
  expect(second).toBe(await after(tokenizer.encode(all)));
  expect(heard.join('')).toBe(first + second);
  own.restart();
  expect(await say(one)).toBe(first);
  await own.dispose();
});

test('the oldest turns go when the context is full, and what is too long is refused', async () => {
  const own = createConversation(model, template, context, greedy);
  for (let turn = 0; turn < 5; turn++) {
    await own.answer(letters.slice(0, 5), random(1), () => undefined, quiet);
    expect(own.left).toBe(Math.max(0, 2 * (turn - 2)));
  }
  await expect(own.answer(letters.slice(0, 50), random(1), () => undefined, quiet)).rejects.toThrow(/does not fit/);
  await own.dispose();
});

test('a template without end is not tokenized, and one that leaves nothing is refused for that', async () => {
  const encoded: number[] = [];
  const counting: Model = {
    ...model,
    tokenizer: {
      ...tokenizer,
      encode(text) {
        encoded.push(text.length);
        return tokenizer.encode(text);
      },
    },
  };
  const endless = createConversation(counting, always('x'.repeat(2 ** 21)), context, greedy);
  await expect(endless.answer('hi', random(1), () => undefined, quiet)).rejects.toThrow(/does not fit/);
  expect(encoded).toEqual([]);
  const empty = createConversation(counting, always(''), context, greedy);
  await expect(empty.answer('hi', random(1), () => undefined, quiet)).rejects.toThrow(/nothing of what was said/);
});

test('an answer that is cut short counts as far as it came', async () => {
  const own = createConversation(model, template, context, greedy);
  const stop = new AbortController();
  const text = await own.answer(letters.slice(3, 6), random(1), () => stop.abort(), stop.signal);
  expect(text).toHaveLength(1);
  await own.dispose();
});
