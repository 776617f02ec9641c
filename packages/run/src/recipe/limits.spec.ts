import { expect, test } from 'vitest';
import { parseRecipe } from './read-recipe.js';

const recipe = (step: object, rest: object = {}): unknown => ({
  model: 'm',
  data: 'd',
  steps: [{ target: '50%', ...step }],
  ...rest,
});

test.each<[string, unknown, RegExp]>([
  ['a batch', recipe({ distillation: { batch: 2 ** 40 } }), /distillation\.batch.*more than 16777216 tokens/],
  ['a length', recipe({ importance: { length: 2 ** 50 } }), /importance\.length.*more than 16777216 tokens/],
  ['samples', recipe({ importance: { samples: 2 ** 53 - 1 } }), /samples.*at most 16777216/],
  ['rounds', recipe({ importance: { rounds: 1e9 } }), /rounds.*at most 1000/],
  ['batches of a step', recipe({ distillation: { accumulate: 2 ** 53 - 1 } }), /accumulate.*at most/],
  ['tokens', recipe({ distillation: { tokens: 2 ** 53 - 1 } }), /tokens.*at most/],
  ['tokens of a parameter', recipe({ distillation: { tokensPerParameter: 1e300 } }), /tokensPerParameter.*at most/],
  ['threads', recipe({}, { backend: { name: 'ort', threads: 1e9 } }), /threads.*at most 1024/],
  ['tokens of a document', recipe({}, { evaluation: { maxTokens: 2 ** 53 - 1 } }), /maxTokens.*at most/],
  ['checkpoints', recipe({}, { checkpoints: { keep: 2 ** 53 - 1 } }), /keep.*at most/],
])('%s beyond all machines are refused with the bound', (_what, value, found) => {
  expect(() => parseRecipe(value, 'here')).toThrow(found);
});

test('numbers of the papers are within the limits', () => {
  const step = {
    importance: { samples: 1024, batch: 128, length: 8192 },
    distillation: { batch: 1152, length: 8192, accumulate: 8, tokens: 94e9 },
  };
  expect(parseRecipe(recipe(step), 'here').steps).toHaveLength(1);
});
