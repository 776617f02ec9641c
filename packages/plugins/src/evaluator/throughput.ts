// Throughput: how many tokens a forward pass takes in per second.
import { at, InputError, runnerBytes, runnerWeights, strategy, type BatchSize, type ModelShape } from '@espalier/core';
import { argMax, hostIntegers, input, program, type Program } from '@espalier/core/graph';
import { z } from 'zod';
import { count } from '../options.js';

/** What came out; a type, not an interface, as `PerplexityResult` is. */
export type ThroughputResult = {
  /** Input tokens / seconds of the median run. */
  readonly tokensPerSecond: number;
};

/**
 * Forward tokens per second at a fixed shape; the median is little moved by other work. `evaluate` throws `InputError` for
 * sequences longer than the context.
 */
export const throughput = strategy('evaluator', {
  name: 'throughput',
  summary: 'tokens per second of a forward pass',
  options: z.strictObject({
    batch: count.default(8).describe('sequences that are timed together'),
    length: count
      .exactOptional()
      .describe("tokens of a sequence; by default 128, or the model's context where it is shorter"),
    runs: count.default(5).describe('timed runs, after one that is not timed'),
  }),
  create: ({ batch, runs, ...options }) => ({
    timed: true,
    measures: { tokensPerSecond: { label: 'tokens/s', better: 'higher', form: 'count' } },
    memory: (model) =>
      runnerBytes(
        model,
        forwardProgram(model, { batch, length: lengthWithin(model.architecture.contextLength, options.length) }),
        { whole: true },
      ),
    reads({ architecture }) {
      const length = lengthWithin(architecture.contextLength, options.length);
      return { tokens: (runs + 1) * batch * length, length };
    },
    check: ({ modelContext }) => void lengthWithin(modelContext, options.length),
    async evaluate(runner, { random }, { signal }): Promise<ThroughputResult> {
      const { model } = runner;
      const { contextLength, sizes } = model.architecture;
      const length = lengthWithin(contextLength, options.length);
      const forward = forwardProgram(model, { batch, length });
      const stream = random.fork('throughput');
      const values = Array.from({ length: batch * length }, () => stream.integer(sizes.vocab));
      const ids = hostIntegers(values, [batch, length]);
      await runner.run(forward, { ids });
      const seconds: number[] = [];
      for (let i = 0; i < runs; i++) {
        signal.throwIfAborted();
        const began = performance.now();
        await runner.run(forward, { ids });
        seconds.push((performance.now() - began) / 1000);
      }
      return { tokensPerSecond: (batch * length) / median(seconds) };
    },
  }),
});

/** The likeliest next tokens are the output: all logits are computed, and few bytes come back. */
function forwardProgram({ family, architecture }: ModelShape, { batch, length }: BatchSize): Program {
  const ids = input('ids', [batch, length], 'int32');
  const logits = family.forward(architecture, { ids, weight: runnerWeights({ family, architecture }) });
  return program('forward', { outputs: { next: argMax(logits, 1) } });
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (at(sorted, Math.floor(middle)) + at(sorted, Math.ceil(middle) - 1)) / 2;
}

/** Tokens that are timed. Throws `InputError` for more than the model can take. */
function lengthWithin(context: number, length = Math.min(128, context)): number {
  if (length <= context) return length;
  const found = `the model's context is ${context} tokens`;
  throw new InputError({ asked: `time sequences of ${length} tokens`, found, fix: 'Give a shorter length' });
}
