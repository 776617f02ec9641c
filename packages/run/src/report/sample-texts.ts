// A stage that lets models go on from the same prompts and reports the texts, for people to read side by side.
import { continuation, createGenerator, stage, type Model, type Stage, type StageContext } from '@espalier/core';

/** What models make of one prompt. A type, not an interface, as JSON demands. */
export type SampledTexts = {
  readonly prompt: string;
  readonly texts: readonly { readonly model: string; readonly text: string }[];
};

export interface SampleOptions {
  /** Token ids of each prompt, beginning with the token that begins a text where the models have one; none is empty. */
  readonly prompts: readonly (readonly number[])[];
  /** Tokens of prompt and continuation together, at most. */
  readonly length: number;
}

/** Models by name, all with one tokenizer, go on from each prompt; the likeliest token is taken each time. */
export function sampleTexts({
  prompts,
  length,
}: SampleOptions): Stage<ReadonlyMap<string, Model>, readonly SampledTexts[]> {
  return stage('samples', async (models: ReadonlyMap<string, Model>, context, tools) => {
    const samples: SampledTexts[] = [];
    for (const prompt of prompts) {
      const texts: { model: string; text: string }[] = [];
      let said = '';
      for (const [model, own] of models) {
        tools.signal.throwIfAborted();
        const { start, text } = await goOn(own, prompt, length, context);
        said = start;
        texts.push({ model, text });
      }
      samples.push({ prompt: said, texts });
    }
    const message = `${samples.length} prompts continued by ${[...models.keys()].join(', ')}`;
    tools.report({ type: 'finding', name: 'samples', message, data: { samples } });
    return samples;
  });
}

async function goOn(
  model: Model,
  prompt: readonly number[],
  length: number,
  context: StageContext,
): Promise<{ readonly start: string; readonly text: string }> {
  const total = Math.min(length, model.architecture.contextLength);
  const options = { batch: 1, length: total, temperature: 0, prompt: [prompt], stopAtEnd: true };
  const generator = await createGenerator(model, context, options);
  try {
    const ids = [...(await generator.sample(context.random.fork('samples')))];
    const { prompt: start, text } = continuation(model.tokenizer, ids, prompt.length);
    return { start, text };
  } finally {
    await generator.dispose();
  }
}
