// Sampling text from a model: a generator keeps weights and caches on the device and fills one batch after another.
import { hostFloats, hostIntegers, type HostTensors } from '../backend/index.js';
import { InputError } from '../errors.js';
import type { Program } from '../graph/index.js';
import { createRunner, type Model, type RunnerContext } from '../model/index.js';
import type { Watch } from '../pipeline/index.js';
import type { Random } from '../random.js';
import { CHUNK, segmentsOf } from './cache.js';
import { endOf } from './continuation.js';
import { drawable, generationProgram, generationStates, newestIds, promptProgram } from './generation-program.js';
import { at, present } from '../look-up.js';

/** So many tokens of a prompt are worth a program that reads them at once. */
const WORTH = 8;

/** Added to the logits of ids that have no token. */
const NEVER = -1e30;

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
  /** What the sequences begin with: one row for each, all of one length; the tokenizer's `sampleStart` when not given. */
  readonly prompt?: readonly (readonly number[])[];
  /** Whether a row is done at its first token that ends generation, and all steps are when all rows are; not when not given. */
  readonly stopAtEnd?: boolean;
}

/** What one batch is given. */
export interface SampleOptions {
  /** In place of the generator's own prompt. */
  readonly prompt?: readonly (readonly number[])[];
  /** Most tokens after the prompt; up to the generator's length when not given. */
  readonly tokens?: number;
  /** Hears the ids that were drawn, one of each sequence, at once; a row that has ended repeats its last. */
  readonly drawn?: (ids: readonly number[]) => void;
  /** Ends the batch early; the call then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** A model loaded for generation; it holds device memory until it is disposed of. */
export interface Generator {
  /**
   * One batch, row-major `[B, L]`, where L is `length`, or the prompt's and `tokens` where that is less; with `stopAtEnd`, a row repeats the token that ended it. Only ids with a token are drawn. Draws
   * from the stream: a second call gives other text. Calls must not overlap. Throws `InputError` for logits that are NaN or infinite,
   * and for a prompt as `createGenerator`.
   */
  sample(random: Random, options?: SampleOptions): Promise<Int32Array>;
  /** Frees the weights and caches on the device. */
  dispose(): Promise<void>;
}

/**
 * Loads a model for generation. Throws `InputError` for options that the model cannot follow: a length above its context,
 * prompts of uneven length or with unknown ids, no prompt where the tokenizer has no token to begin with.
 */
export async function createGenerator(
  model: Model,
  context: RunnerContext,
  options: GeneratorOptions,
): Promise<Generator> {
  const { batch, length, temperature, topP = 1, stopAtEnd = false } = options;
  checkOptions(model, options);
  const usual = promptColumns(model, options);
  // The last token is never read: it needs no place in the cache.
  const { tokenizer, architecture } = model;
  const { vocab } = architecture.sizes;
  const mask = Float32Array.from({ length: vocab }, (_, id) => (tokenizer.hasToken(id) ? 0 : NEVER));
  const shape = { batch, capacity: length - 1, topP: topP < 1, masked: mask.some((added) => added < 0) };
  const segments = segmentsOf(shape.capacity);
  const steps = segments.flatMap(({ size }, segment) => {
    const step = generationProgram(model, shape, segment);
    return Array.from({ length: size }, () => step);
  });
  const reading = new Map<number, Program>();
  const runner = await createRunner(model, context, generationStates(model, shape));
  try {
    if (shape.masked) await runner.write({ [drawable]: hostFloats(mask, [1, vocab]) });
  } catch (error) {
    await runner.dispose();
    throw error;
  }
  const ends = new Set(stopAtEnd ? tokenizer.endTokens : []);
  const fixed: HostTensors = { temperature: hostFloats(temperature, []), topP: hostFloats(topP, []) };
  /** Reads what stands before the prompt's last token, a chunk at once; gives the place that steps go on from. */
  const readPrompt = async (prompt: readonly (readonly number[])[], signal?: AbortSignal): Promise<number> => {
    const before = prompt.length - 1;
    for (let start = 0; ; start += CHUNK) {
      const segment = segments.findIndex((own) => start >= own.start && start + CHUNK <= own.start + own.size);
      if (segment === -1 || before - start < WORTH) return Math.min(start, before);
      signal?.throwIfAborted();
      const program = reading.get(segment) ?? promptProgram(model, shape, segment);
      reading.set(segment, program);
      const ids = Int32Array.from({ length: batch * CHUNK }, (_, index) => {
        const column = prompt[Math.min(start + (index % CHUNK), before)];
        return at(present(column, 'a column of the prompt'), Math.floor(index / CHUNK));
      });
      await runner.run(program, { ids: hostIntegers(ids, [batch, CHUNK]), position: hostIntegers(start, []) });
    }
  };
  return {
    async sample(random, own = {}) {
      const prompt = own.prompt === undefined ? usual : promptColumns(model, { ...options, prompt: own.prompt });
      const most = Math.min(length, prompt.length + (own.tokens ?? length));
      const rows = new Int32Array(batch * most);
      const ended = new Map<number, number>();
      prompt.forEach((column, position) => column.forEach((id, row) => (rows[row * most + position] = id)));
      const keep = (position: number, ids: ArrayLike<number>): void => {
        const kept = Array.from({ length: batch }, (_, row) => ended.get(row) ?? at(ids, row));
        kept.forEach((id, row) => {
          rows[row * most + position] = id;
          if (ends.has(id)) ended.set(row, id);
        });
        own.drawn?.(kept);
      };
      const read = await readPrompt(prompt, own.signal);
      for (const [position, step] of steps.entries()) {
        if (position + 1 >= most) break;
        own.signal?.throwIfAborted();
        const column = prompt[position];
        const drawn = position + 1 >= prompt.length;
        // Drawn for steps that are left out too: what comes next does not depend on where rows end.
        const uniform = Float32Array.from({ length: batch }, () => (drawn ? random.uniform() : 0));
        if (position < read) continue;
        if (column !== undefined) await runner.write({ [newestIds]: hostIntegers(column, [batch, 1]) });
        if (ended.size === batch) {
          keep(position + 1, []);
          continue;
        }
        const { ids, mean } = await runner.run(step, {
          ...fixed,
          position: hostIntegers(position, []),
          uniform: hostFloats(uniform, [batch]),
        });
        checkFinite(present(mean, 'the mean of the logits').data, position);
        if (drawn) keep(position + 1, present(ids, 'the drawn ids').data);
      }
      return rows;
    },
    dispose: () => runner.dispose(),
  };
}

/**
 * Token ids of sequences without end, each `[length]`, or up to the first token that ends generation, itself included, when
 * `stopAtEnd` is set. Throws as `createGenerator`.
 */
export async function* sampleSequences(
  model: Model,
  context: RunnerContext,
  options: GeneratorOptions & { readonly random: Random; readonly watch?: Watch },
): AsyncGenerator<readonly number[], never> {
  const { length, random, watch, stopAtEnd = false } = options;
  const begun = options.prompt?.[0]?.length ?? model.tokenizer.sampleStart.length;
  const generator = await createGenerator(model, context, options);
  try {
    for (;;) {
      let done = 0;
      const drawn = ({ length: own }: readonly number[]): void =>
        watch?.({ done: (done += own), total: options.batch * length, unit: 'tokens' });
      const rows = await generator.sample(random, { drawn });
      for (let start = 0; start < rows.length; start += length) {
        const row = [...rows.subarray(start, start + length)];
        yield stopAtEnd ? row.slice(0, endOf(model.tokenizer, row, begun) + 1) : row;
      }
    }
  } finally {
    await generator.dispose();
  }
}

/** A token drawn from logits that are no numbers would look like any other. */
function checkFinite(means: ArrayLike<number>, position: number): void {
  for (let row = 0; row < means.length; row++) {
    const mean = means[row];
    if (Number.isFinite(mean)) continue;
    throw new InputError({
      asked: 'generate text',
      found: `the logits after token ${position} (0-based) of sequence ${row} are not all finite: their mean is ${mean}`,
      fix: 'Each weight that was read is finite, so numbers overflow within the model: check that the weights and config.json belong together',
    });
  }
}

/** The prompt column by column, as it is fed. */
function promptColumns({ tokenizer, architecture }: Model, options: GeneratorOptions): readonly (readonly number[])[] {
  const { batch, length } = options;
  const asked = `generate ${batch} sequences of ${length} tokens`;
  const { sampleStart } = tokenizer;
  if (options.prompt === undefined && sampleStart.length === 0) {
    const fix = 'Give a prompt of at least one token';
    throw new InputError({ asked, found: 'the tokenizer has no token that begins or ends a text', fix });
  }
  const rows = options.prompt ?? Array.from({ length: batch }, () => sampleStart);
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
  return first.map((_, position) => rows.map((row) => at(row, position)));
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
