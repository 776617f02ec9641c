// What evaluators share: how many sequences fit a batch, and a check of token ids.
import { InputError } from '@espalier/core';
import { count } from '../options.js';

/** Logits of one run may have this many elements: 128 MiB. */
const LOGITS = 2 ** 25;

/** Sequences in a batch, as an option. */
export const batchOption = count
  .exactOptional()
  .describe('sequences in a batch; by default as many as give logits of at most 128 MiB, 16 at most');

/** Sequences in a batch: all of them, 16 at most, fewer where their logits would take more than 128 MiB. */
export function batchFor(sequences: number, logitsPerSequence: number): number {
  return Math.max(1, Math.min(16, sequences, Math.floor(LOGITS / logitsPerSequence)));
}

/** Throws `InputError` for an id that the model has no token for. */
export function checkIds(rows: readonly (readonly number[])[], vocabulary: number, asked: string): void {
  for (const row of rows) {
    const wrong = row.find((id) => !Number.isInteger(id) || id < 0 || id >= vocabulary);
    if (wrong === undefined) continue;
    const found = `there is a token id ${wrong}, and the model has the ids 0 to ${vocabulary - 1}`;
    throw new InputError({ asked, found, fix: 'Encode the text with the tokenizer of the model' });
  }
}
