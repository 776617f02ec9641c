// A stage that lets models go on from the same prompts and reports the texts, for people to read side by side.
import {
  at,
  continuation,
  createGenerator,
  stage,
  type Model,
  type Stage,
  type StageContext,
  type StageTools,
} from '@espalier/core';

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
    // Each model once on the device, whatever the number of prompts.
    const said = new Map<string, readonly Said[]>();
    for (const [name, model] of models) said.set(name, await goOn(model, { prompts, length }, context, tools));
    const samples = prompts.map((_, index): SampledTexts => {
      const own = [...said].map(([model, texts]) => ({ model, ...at(texts, index) }));
      return { prompt: at(own, own.length - 1).start, texts: own.map(({ model, text }) => ({ model, text })) };
    });
    const message = `${samples.length} prompts continued by ${[...models.keys()].join(', ')}`;
    tools.report({ type: 'finding', name: 'samples', message, data: { samples } });
    return samples;
  });
}

/** A prompt as a text, and how it goes on. */
interface Said {
  readonly start: string;
  readonly text: string;
}

async function goOn(
  model: Model,
  { prompts, length }: SampleOptions,
  context: StageContext,
  { signal }: StageTools,
): Promise<readonly Said[]> {
  const total = Math.min(length, model.architecture.contextLength);
  const options = { batch: 1, length: total, temperature: 0, stopAtEnd: true };
  const generator = await createGenerator(model, context, { ...options, prompt: prompts.slice(0, 1) });
  try {
    const said: Said[] = [];
    for (const prompt of prompts) {
      const ids = [...(await generator.sample(context.random.fork('samples'), { prompt: [prompt], signal }))];
      const { prompt: start, text } = continuation(model.tokenizer, ids, prompt.length);
      said.push({ start, text });
    }
    return said;
  } finally {
    await generator.dispose();
  }
}
