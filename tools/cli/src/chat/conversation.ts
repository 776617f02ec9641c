// One model in a conversation: what was said so far, cut to what it can hold, and its next answer as it is written.
import {
  continuation,
  createGenerator,
  encodePrompt,
  InputError,
  type Generator,
  type Model,
  type Random,
} from '@espalier/core';
import type { ChatMessage, ChatTemplate } from './template.js';

/** How answers are written. */
export interface AnswerOptions {
  readonly temperature: number;
  readonly topP: number;
  /** Most tokens of an answer. */
  readonly tokens: number;
}

/** A model that remembers what was said. */
export interface Conversation {
  /** The answer, whole; `hear` gets its parts as they come. A signal cuts it short: what there is then counts. */
  answer(said: string, random: Random, hear: (part: string) => void, signal: AbortSignal): Promise<string>;
  /** Turns that were left out of the last question, because the context is full. */
  readonly left: number;
  /** Forgets everything. */
  restart(): void;
  dispose(): Promise<void>;
}

/** Tokens that a conversation holds: a longer context would take memory for keys and values that few conversations fill. */
const MOST_TOKENS = 4096;
/** Characters that are encoded: what is longer does not fit in any case, and a template can make a text without end. */
const MOST_CHARACTERS = 256 * MOST_TOKENS;

/**
 * Begins a conversation; without a template what is said is one text that goes on. Throws `InputError` for options that the model cannot
 * follow.
 */
export function createConversation(
  model: Model,
  template: Pick<ChatTemplate, 'render'> | undefined,
  context: Parameters<typeof createGenerator>[1],
  { temperature, topP, tokens }: AnswerOptions,
  system?: string,
): Conversation {
  const length = Math.min(model.architecture.contextLength, MOST_TOKENS);
  const first: readonly ChatMessage[] = system === undefined ? [] : [{ role: 'system', content: system }];
  let turns: readonly ChatMessage[] = [];
  let generator: Generator | undefined;
  let left = 0;

  /** Ids of what was said; `undefined` where that is too long to be tried. */
  const encode = async (messages: readonly ChatMessage[]): Promise<readonly number[] | undefined> => {
    const text = (await template?.render(messages)) ?? messages.map(({ content }) => content).join('');
    return text.length > MOST_CHARACTERS ? undefined : encodePrompt(model.tokenizer, text);
  };

  /** The ids of the question with as many of the turns before it as fit. */
  const prompt = async (question: ChatMessage): Promise<readonly number[]> => {
    const room = length - Math.min(tokens, Math.floor(length / 2));
    for (left = 0; left <= turns.length; left += 2) {
      const ids = await encode([...first, ...turns.slice(left), question]);
      if (ids?.length === 0) {
        const fix = 'Say something else, or use a model with another chat template';
        throw new InputError({ asked: 'answer', found: 'nothing of what was said becomes a token', fix });
      }
      if (ids !== undefined && ids.length <= room) return ids;
    }
    throw new InputError({
      asked: 'answer',
      found: `what was said does not fit: the model's context has ${length} tokens, ${length - room} of them for the answer`,
      fix: 'Say less at once, or give smaller --max-new-tokens',
    });
  };

  return {
    get left() {
      return left;
    },
    async answer(said, random, hear, signal) {
      const question: ChatMessage = { role: 'user', content: said };
      const ids = await prompt(question);
      generator ??= await createGenerator(model, context, {
        batch: 1,
        length,
        temperature,
        topP,
        prompt: [ids],
        stopAtEnd: true,
      });
      const drawn: number[] = [...ids];
      let told = 0;
      let ended = false;
      const text = (): string => continuation(model.tokenizer, drawn, ids.length).text;
      const tell = (whole: boolean): void => {
        const all = text();
        // The bytes of one character may be in several tokens.
        const end = whole ? all.length : all.replace(/\uFFFD+$/u, '').length;
        if (end > told) hear(all.slice(told, end));
        told = Math.max(told, end);
      };
      try {
        await generator.sample(random, {
          prompt: [ids],
          tokens,
          signal,
          drawn([id]) {
            if (id === undefined || ended) return;
            ended = model.tokenizer.endTokens.includes(id);
            drawn.push(id);
            tell(false);
          },
        });
      } catch (error) {
        if (!signal.aborted) throw error;
      }
      tell(true);
      const answer = text();
      turns = [...turns, question, { role: 'assistant', content: answer }];
      return answer;
    },
    restart() {
      turns = [];
    },
    async dispose() {
      await generator?.dispose();
    },
  };
}
