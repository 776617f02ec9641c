// `espalier generate`: text from a model, or from several side by side.
import { continuation, createGenerator, encodePrompt, InputError, loadModel, random } from '@espalier/core';
import { z } from 'zod';
import { createWorkbench, hubAccess, loadPlugins, locateModel, startBackend } from '@espalier/run';
import { inform } from '../terminal/notes.js';
import { printJson, printText } from '../terminal/print.js';
import { writingFlags } from './writing.js';

const schema = writingFlags.extend({
  model: z.array(z.string()).min(1),
  prompt: z.string(),
  texts: z.number(),
  json: z.boolean(),
});
type Flags = z.infer<typeof schema>;
type Bench = ReturnType<typeof createWorkbench>;

/** Tokens that are written at once: the cache of keys and values holds as many. */
const TOKENS = 2 ** 22;

/** Runs the verb with the flags that commander has parsed. */
export async function generateCommand(given: unknown, signal: AbortSignal): Promise<void> {
  const flags = schema.parse(given);
  const { model: names, revision, offline, prompt, seed, threads, backend, plugin, json } = flags;
  const bench = createWorkbench({ seed, threads, backend, plugins: await loadPlugins(plugin, process.cwd()) });
  await startBackend(bench.context.backend);
  const hub = await hubAccess(process.env, inform, offline);
  const written: { readonly name: string; readonly model: string; readonly texts: readonly string[] }[] = [];
  for (const name of names) {
    const model = await locateModel(name, revision, hub);
    written.push({ name, model, texts: await textsOf(model, bench, flags, signal) });
  }
  const several = written.length > 1;
  if (json) {
    const results = written.map(({ model, texts }) => ({ model, prompt, texts }));
    printJson(several ? results : results[0]);
    return;
  }
  for (const { name, texts } of written) {
    if (several) printText(`── ${name}`);
    printText(texts.map((text) => `${prompt}${text}`).join('\n---\n'));
  }
}

/** What one model writes; every model is given the same random numbers. */
async function textsOf(
  path: string,
  bench: Bench,
  { prompt, maxNewTokens, texts: count, temperature, topP, seed }: Flags,
  signal: AbortSignal,
): Promise<readonly string[]> {
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
      return rows.map((_, row) => {
        const own = [...drawn.subarray(row * length, (row + 1) * length)];
        return continuation(model.tokenizer, own, ids.length).text;
      });
    } finally {
      await generator.dispose();
    }
  } finally {
    await close();
  }
}
