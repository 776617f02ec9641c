// Cloze accuracy: whether the model prefers the right token after a prompt to some wrong ones.
import {
  at,
  finiteResult,
  InputError,
  present,
  runnerBytes,
  runnerWeights,
  strategy,
  type ClozeTokens,
  type ModelShape,
} from '@espalier/core';
import { gather, hostIntegers, input, program, takeAlongAxis, type Program } from '@espalier/core/graph';
import { z } from 'zod';
import { batchFor, batchOption, checkIds } from './batches.js';
import { fewQuestions } from './notices.js';
import { normalQuantile } from './student-t.js';

/** What came out; a type, not an interface, as `PerplexityResult` is. */
export type ClozeResult = {
  /** Share of items whose right choice had the highest logit; of equal ones the first counts. */
  readonly accuracy: number;
  /** Expected accuracy of a guess: mean of 1 / choices. */
  readonly chance: number;
  /** Items asked. */
  readonly n: number;
  /** 95% interval of the accuracy (Wilson 1927). */
  readonly confidence: readonly [low: number, high: number];
};

/**
 * Accuracy at choosing the next token by its logit alone (Sreenivas et al. 2024, section 4, find layers by Winogrande in this
 * place); its objective is −accuracy. `evaluate` throws `InputError` without items, for a prompt longer than the context, for
 * ids that the model does not have, and for logits that are NaN or infinite.
 */
export const cloze = strategy('evaluator', {
  name: 'cloze',
  summary: 'share of right choices of the next token',
  options: z.strictObject({ batch: batchOption }),
  create: (options) => ({
    applies: ({ items }) => items.length > 0,
    // How long the questions are is not known before they are read: as long as the documents, at most.
    memory(model, { documents, contextLength: length }) {
      const batch = options.batch ?? batchFor(documents, length * model.architecture.sizes.vocab);
      return runnerBytes(model, choiceProgram(model, { batch, length, width: 2 }), {
        batches: Math.ceil(documents / batch),
      });
    },
    reads: (_model, { items }) => ({ tokens: items.length * longestPrompt(items), length: longestPrompt(items) }),
    notices: ({ items }) => fewQuestions(items.length),
    measures: {
      accuracy: { label: 'cloze', better: 'higher', form: 'share', interval: 'confidence', chance: 'chance', n: 'n' },
    },
    async evaluate(runner, { items }, tools): Promise<ClozeResult> {
      const { model } = runner;
      const { sizes } = model.architecture;
      checkItems(items, model);
      const length = longestPrompt(items);
      const width = items.reduce((most, { choices }) => Math.max(most, choices.length), 0);
      const batch = options.batch ?? batchFor(items.length, length * sizes.vocab);
      const choose = choiceProgram(model, { batch, length, width });
      const n = items.length;
      const batches = Array.from({ length: Math.ceil(n / batch) }, (_, index) =>
        choiceInputs(items.slice(index * batch, (index + 1) * batch), { batch, length, width }),
      );
      const { outputs } = await runner.runAll(choose, batches, {
        signal: tools.signal,
        progress: (share) => tools.report({ type: 'progress', done: Math.floor(share * n), total: n, unit: 'items' }),
      });
      const logits = outputs.map((own) => present(own['logits'], 'the output "logits"').data);
      let right = 0;
      items.forEach(({ choices, answer }, index) => {
        const row = width * (index % batch);
        const own = [...at(logits, Math.floor(index / batch)).subarray(row, row + choices.length)];
        finiteResult(`"cloze" (item ${index}, 0-based)`, { logits: own });
        if (own.indexOf(Math.max(...own)) === answer) right++;
      });
      const chance = items.reduce((total, { choices }) => total + 1 / choices.length, 0) / n;
      return { accuracy: right / n, chance, n, confidence: wilson(right, n) };
    },
    objective: ({ accuracy }: ClozeResult) => -accuracy,
  }),
});

interface ChoiceShape {
  readonly batch: number;
  /** Tokens of the longest prompt. */
  readonly length: number;
  /** Most choices of an item. */
  readonly width: number;
}

/** Inputs `ids [B, T]`, `last [B]` (row of each prompt's last token), `choices [B, K]`; output `logits [B, K]`. */
function choiceProgram(shape: ModelShape, { batch, length, width }: ChoiceShape): Program {
  const ids = input('ids', [batch, length], 'int32');
  const all = shape.family.forward(shape.architecture, { ids, weight: runnerWeights(shape) }); // [N, V]
  const after = gather(all, input('last', [batch], 'int32')); // [B, V]
  return program('cloze', { outputs: { logits: takeAlongAxis(after, input('choices', [batch, width], 'int32'), 1) } });
}

/** Prompts are padded on the right, where a causal model does not look. */
function choiceInputs(items: readonly ClozeTokens[], { batch, length, width }: ChoiceShape) {
  const ids = new Int32Array(batch * length);
  const last = new Int32Array(batch);
  const choices = new Int32Array(batch * width);
  items.forEach((item, row) => {
    ids.set(item.prompt, row * length);
    last[row] = row * length + item.prompt.length - 1;
    choices.set(item.choices, row * width);
  });
  return {
    ids: hostIntegers(ids, [batch, length]),
    last: hostIntegers(last, [batch]),
    choices: hostIntegers(choices, [batch, width]),
  };
}

function longestPrompt(items: readonly ClozeTokens[]): number {
  return items.reduce((most, { prompt }) => Math.max(most, prompt.length), 0);
}

function checkItems(items: readonly ClozeTokens[], { architecture: { contextLength, sizes } }: ModelShape): void {
  const asked = `answer ${items.length} cloze items`;
  const fix = 'Give items with a prompt, choices and the index of the right one';
  if (items.length === 0) throw new InputError({ asked, found: 'there are none', fix });
  items.forEach(({ prompt, choices, answer }, index) => {
    const whole = prompt.length > 0 && prompt.length <= contextLength && choices[answer] !== undefined;
    if (whole) return;
    const found = `item ${index} (0-based) has a prompt of ${prompt.length} tokens, ${choices.length} choices and answer ${answer}; the model's context is ${contextLength} tokens`;
    throw new InputError({ asked, found, fix });
  });
  const ids = items.flatMap(({ prompt, choices }) => [prompt, choices]);
  checkIds(ids, sizes.vocab, asked);
}

/** Wilson's score interval of a share, 95%. */
export function wilson(successes: number, n: number): readonly [low: number, high: number] {
  const share = successes / n;
  const middle = (share + normalQuantile ** 2 / (2 * n)) / (1 + normalQuantile ** 2 / n);
  const half =
    (normalQuantile / (1 + normalQuantile ** 2 / n)) *
    Math.sqrt((share * (1 - share)) / n + normalQuantile ** 2 / (4 * n ** 2));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}
