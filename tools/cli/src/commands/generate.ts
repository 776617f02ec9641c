// `espalier generate`: text from a model.
import { continuation, createGenerator, encodePrompt, InputError, loadModel, random } from '@espalier/core';
import { z } from 'zod';
import { createWorkbench, hubAccess, loadPlugins, locateModel, startBackend } from '@espalier/run';
import { printJson, printText, say } from '../terminal/print.js';

const schema = z.object({
  model: z.string(),
  revision: z.string().optional(),
  offline: z.boolean().default(false),
  prompt: z.string(),
  maxNewTokens: z.number(),
  texts: z.number(),
  temperature: z.number(),
  topP: z.number(),
  seed: z.number(),
  threads: z.number().optional(),
  backend: z.string(),
  plugin: z.array(z.string()).default([]),
  json: z.boolean(),
});

/** Tokens that are written at once: the cache of keys and values holds as many. */
const TOKENS = 2 ** 22;

/** Runs the verb with the flags that commander has parsed. */
export async function generateCommand(given: unknown, signal: AbortSignal): Promise<void> {
  const {
    model: name,
    revision,
    offline,
    prompt,
    maxNewTokens,
    texts: count,
    temperature,
    topP,
    seed,
    threads,
    backend,
    plugin,
    json,
  } = schema.parse(given);
  const bench = createWorkbench({ seed, threads, backend, plugins: await loadPlugins(plugin, process.cwd()) });
  await startBackend(bench.context.backend);
  const path = await locateModel(name, revision, await hubAccess(process.env, say, offline));
  const { model, close } = await loadModel(path, bench.families);
  try {
    const encoded = encodePrompt(model.tokenizer, prompt);
    const ids = encoded.length === 0 ? model.tokenizer.sampleStart : encoded;
    const { contextLength } = model.architecture;
    if (ids.length === 0)
      throw new InputError({
        asked: 'generate text',
        found: 'the prompt is empty',
        fix: 'Give --prompt with some text',
      });
    if (ids.length >= contextLength) {
      const found = `the prompt has ${ids.length} tokens, the model's context is ${contextLength}`;
      throw new InputError({ asked: 'generate text', found, fix: 'Give a shorter prompt' });
    }
    const length = Math.min(ids.length + maxNewTokens, contextLength);
    if (count * length > TOKENS) {
      const found = `${count} texts of ${length} tokens are more than ${TOKENS} tokens at once`;
      throw new InputError({ asked: 'generate text', found, fix: 'Give smaller --texts or --max-new-tokens' });
    }
    const rows = Array.from({ length: count }, () => ids);
    const options = { batch: count, length, temperature, topP, prompt: rows, stopAtEnd: true };
    const generator = await createGenerator(model, bench.context, options);
    try {
      const drawn = await generator.sample(random(seed).fork('generate'), { signal });
      const texts = rows.map((_, row) => {
        const own = [...drawn.subarray(row * length, (row + 1) * length)];
        return continuation(model.tokenizer, own, ids.length).text;
      });
      if (json) printJson({ model: path, prompt, texts });
      else printText(texts.map((text) => `${prompt}${text}`).join('\n---\n'));
    } finally {
      await generator.dispose();
    }
  } finally {
    await close();
  }
}
