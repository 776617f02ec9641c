// Sampling text from a model: a generator keeps weights and caches on the device and fills one batch after another.
import { hostFloats, hostIntegers, type HostTensors } from '../backend/index.js';
import { InputError } from '../errors.js';
import { createRunner, type Model, type RunnerContext } from '../model/index.js';
import type { Random } from '../random.js';
import { segmentsOf } from './cache.js';
import { generationProgram, generationStates, newestIds } from './generation-program.js';

/** What is sampled, and how. */
export interface GeneratorOptions {
  /** Sequences in a batch. */
  readonly batch: number;
  /** Tokens in a sequence, the prompt included; at most the model's context. */
  readonly length: number;
  /** Divides the logits; 0 takes the likeliest token. */
  readonly temperature: number;
  /** Draw only from the likeliest tokens that together have this probability; 1 when not given. */
  readonly topP?: number;
  /** What the sequences begin with: one row for each, all of one length; the token that begins a text when not given. */
  readonly prompt?: readonly (readonly number[])[];
}

/** A model loaded for generation; it holds device memory until it is disposed of. */
export interface Generator {
  /** One batch, row-major `[B, length]`. Draws from the stream: a second call gives other text. Calls must not overlap. */
  sample(random: Random): Promise<Int32Array>;
  /** Frees the weights and caches on the device. */
  dispose(): Promise<void>;
}

/**
 * Loads a model for generation. Throws `InputError` for options that the model cannot follow: a length above its context,
 * prompts of uneven length or with unknown ids, no prompt where the tokenizer has no token that begins a text.
 */
export async function createGenerator(
  model: Model,
  context: RunnerContext,
  options: GeneratorOptions,
): Promise<Generator> {
  const { batch, length, temperature, topP = 1 } = options;
  checkOptions(model, options);
  const prompt = promptColumns(model, options);
  // The last token is never read: it needs no place in the cache.
  const shape = { batch, capacity: length - 1, topP: topP < 1 };
  const steps = segmentsOf(shape.capacity).flatMap(({ size }, segment) => {
    const step = generationProgram(model, shape, segment);
    return Array.from({ length: size }, () => step);
  });
  const runner = await createRunner(model, context, generationStates(model, shape));
  const fixed: HostTensors = { temperature: hostFloats(temperature, []), topP: hostFloats(topP, []) };
  return {
    async sample(random) {
      const rows = new Int32Array(batch * length);
      const keep = (position: number, ids: ArrayLike<number>): void => {
        for (let row = 0; row < batch; row++) rows[row * length + position] = ids[row] ?? 0;
      };
      prompt.forEach((column, position) => keep(position, column));
      for (const [position, step] of steps.entries()) {
        const column = prompt[position];
        if (column !== undefined) {
          await runner.state.write({ [newestIds]: hostIntegers(column, [batch, 1]) });
        }
        const drawn = position + 1 >= prompt.length;
        const uniform = Float32Array.from({ length: batch }, () => (drawn ? random.uniform() : 0));
        const { ids } = await runner.run(step, {
          ...fixed,
          position: hostIntegers(position, []),
          uniform: hostFloats(uniform, [batch]),
        });
        if (drawn && ids !== undefined) keep(position + 1, ids.data);
      }
      return rows;
    },
    dispose: () => runner.dispose(),
  };
}

/**
 * Token ids of sequences without end, each `[length]`, or up to the first token that ends a text when `stopAtEos` is set.
 * Throws as `createGenerator`.
 */
export async function* sampleSequences(
  model: Model,
  context: RunnerContext,
  options: GeneratorOptions & { readonly random: Random; readonly stopAtEos?: boolean },
): AsyncGenerator<readonly number[], never> {
  const { length, random, stopAtEos = false, prompt } = options;
  const eos = stopAtEos ? model.tokenizer.eos : undefined;
  const generator = await createGenerator(model, context, options);
  try {
    for (;;) {
      const rows = await generator.sample(random);
      for (let start = 0; start < rows.length; start += length) {
        const row = [...rows.subarray(start, start + length)];
        const end = eos === undefined ? -1 : row.indexOf(eos, prompt?.[0]?.length ?? 1);
        yield end === -1 ? row : row.slice(0, end + 1);
      }
    }
  } finally {
    await generator.dispose();
  }
}

/** The prompt column by column, as it is fed. */
function promptColumns({ tokenizer, architecture }: Model, options: GeneratorOptions): readonly (readonly number[])[] {
  const { batch, length } = options;
  const asked = `generate ${batch} sequences of ${length} tokens`;
  const { bos } = tokenizer;
  if (options.prompt === undefined && bos === undefined) {
    const fix = 'Give a prompt of at least one token';
    throw new InputError({ asked, found: 'the tokenizer has no token that begins a text', fix });
  }
  const rows = options.prompt ?? Array.from({ length: batch }, () => (bos === undefined ? [] : [bos]));
  const [first = []] = rows;
  const uneven = rows.length !== batch || rows.some((row) => row.length !== first.length);
  if (uneven || first.length === 0 || first.length > length) {
    const found = `the prompt has ${rows.length} rows of ${[...new Set(rows.map((row) => row.length))].join(', ')} tokens`;
    throw new InputError({ asked, found, fix: `Give ${batch} rows of one length, from 1 to ${length} tokens` });
  }
  const { vocab } = architecture.sizes;
  const wrong = rows.flat().find((id) => !Number.isInteger(id) || id < 0 || id >= vocab);
  if (wrong !== undefined) {
    const fix = `Ids are whole numbers from 0 to ${vocab - 1}: use the tokenizer of the model`;
    throw new InputError({ asked, found: `the prompt has the token id ${wrong}`, fix });
  }
  return first.map((_, position) => rows.map((row) => row[position] ?? 0));
}

function checkOptions({ architecture }: Model, { batch, length, temperature, topP = 1 }: GeneratorOptions): void {
  const asked = `generate ${batch} sequences of ${length} tokens at temperature ${temperature}, top-p ${topP}`;
  const refuse = (found: string, fix: string): never => {
    throw new InputError({ asked, found, fix });
  };
  if (!Number.isInteger(batch) || batch < 1) refuse(`${batch} sequences`, 'Give a whole number of at least 1');
  if (!Number.isInteger(length) || length < 1 || length > architecture.contextLength) {
    refuse(`the model's context is ${architecture.contextLength} tokens`, 'Give a length from 1 to the context');
  }
  if (!(temperature >= 0 && temperature < Infinity)) refuse('temperature is no number', 'Give 0 or more');
  if (!(topP > 0 && topP <= 1)) refuse('top-p is not a probability', 'Give more than 0 and at most 1');
}
