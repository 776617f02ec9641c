import { expect, test } from 'vitest';
import { cloze } from './cloze.js';
import { perplexity } from './perplexity.js';

const document = (length: number): readonly number[] => Array.from({ length }, (_, id) => id % 7);
const text = (lengths: readonly number[], contextLength = 33) => ({
  documents: lengths.map(document),
  items: [],
  contextLength,
});
const many = Array.from({ length: 40 }, () => 31);

test('one long document cut short is told of, with how much is left out and that it is too little to say', () => {
  expect(perplexity().notices?.(text([2600]))).toEqual([
    expect.stringMatching(/1 of 1 document is cut to the first 33 tokens, which leaves out 99% of the text/),
    expect.stringMatching(/judged on 1 document of 32 predicted tokens: too few to say how sure it is/),
  ]);
});

test('documents that are cut are counted', () => {
  const [line = '', ...others] = perplexity().notices?.(text([...many, 34, 66])) ?? [];
  expect(line).toMatch(/2 of 42 documents are cut to the first 33 tokens, which leaves out 3% of the text/);
  expect(others).toEqual([]);
});

test('nothing is said of enough text that is looked at whole', () => {
  expect(perplexity().notices?.(text(many))).toEqual([]);
});

test('windows that slide cut nothing, and are counted where there is one document', () => {
  expect(perplexity({ windows: 'rolling' }).notices?.(text([...many, 34, 66]))).toEqual([]);
  expect(perplexity({ windows: 'rolling' }).notices?.(text([100]))).toEqual([
    expect.stringMatching(/judged on 4 windows of 99 predicted tokens in all: few/),
  ]);
  expect(perplexity({ windows: 'concatenated' }).notices?.(text([40, 40]))).toEqual([
    expect.stringMatching(/judged on 2 windows of 64 predicted tokens in all: few/),
  ]);
});

test('few questions are told of', () => {
  const item = { prompt: [1], choices: [2, 3], answer: 0 };
  const asked = (count: number) => cloze().notices?.({ ...text([]), items: Array.from({ length: count }, () => item) });
  expect(asked(12)).toEqual([expect.stringMatching(/judged on 12 questions: few/)]);
  expect(asked(50)).toEqual([]);
});
