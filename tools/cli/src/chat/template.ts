// A model's chat template, as its folder has it: messages become the text that it was taught to answer.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InputError, readSmallText, resolveInside } from '@espalier/core';
import { z } from 'zod';
import { templateProcess, type TemplateValues } from './template-process.js';

/** One turn. */
export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** A template at work, until it is closed. */
export interface ChatTemplate {
  /** The text of a conversation, and the beginning of the answer that comes next. Throws `InputError` where the template refuses it. */
  render(messages: readonly ChatMessage[]): Promise<string>;
  close(): void;
}

const token = z
  .union([z.string(), z.object({ content: z.string() })])
  .nullish()
  .transform((value) => (typeof value === 'object' ? value?.content : value));
const named = z.array(z.object({ name: z.string(), template: z.string() }));
const configSchema = z.object({
  chat_template: z.union([z.string(), named]).nullish(),
  bos_token: token,
  eos_token: token,
  unk_token: token,
  pad_token: token,
});

/** The largest that we know has 12 kB. */
const LIMIT = 2 ** 20;

/** Reads chat_template.jinja, else tokenizer_config.json's; `undefined` where there is none. Throws `InputError` for one that cannot be read. */
export async function openChatTemplate(folder: string): Promise<ChatTemplate | undefined> {
  const asked = `read the chat template of "${folder}"`;
  const read = async (name: string): Promise<string | undefined> =>
    existsSync(join(folder, name))
      ? readSmallText(await resolveInside(folder, name, asked), asked, 64 * LIMIT)
      : undefined;
  const refuse = (cause: unknown): InputError => {
    const message = cause instanceof Error ? cause.message : String(cause);
    const found = /call stack/.test(message) ? 'it is nested too deep' : message;
    return new InputError({ asked, found, fix: 'Correct it, or use a model without one' }, { cause });
  };
  const parsed = configSchema.safeParse(jsonOf((await read('tokenizer_config.json')) ?? '{}'));
  if (!parsed.success) throw refuse(new Error('tokenizer_config.json is no JSON of a tokenizer'));
  const { chat_template: written, ...tokens } = parsed.data;
  const kept = typeof written === 'string' ? written : written?.find(({ name }) => name === 'default')?.template;
  const text = (await read('chat_template.jinja')) ?? kept;
  if (text === undefined) return undefined;
  if (text.length > LIMIT) throw refuse(new Error(`it has ${text.length} characters`));
  const own = templateProcess(text);
  const within = async (values?: TemplateValues): Promise<string> => {
    try {
      return await own.render(values);
    } catch (cause) {
      throw refuse(cause);
    }
  };
  try {
    await within(); // what cannot be read is told before a word is said
  } catch (error) {
    own.close();
    throw error;
  }
  return { render: (messages) => within({ messages, add_generation_prompt: true, ...tokens }), close: own.close };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
