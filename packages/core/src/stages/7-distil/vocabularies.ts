// Whether two models mean the same tokens by the same numbers. Their tables may have different numbers of rows: rows past the
// tokenizer's last token are padding, and losses compare the rows that both have.
import { InputError } from '../../errors.js';
import type { Model, TextCodec } from '../../model/index.js';

type Vocabulary = Pick<Model, 'tokenizer' | 'architecture' | 'folder'>;

/**
 * Throws `InputError`, saying how they differ, unless every token of one tokenizer has the same text, and the special tokens the
 * same ids, in the other, and the rows that only one model has are beyond the last token. A tokenizer is equal to itself without a look.
 */
export function checkVocabularies(student: Vocabulary, teacher: Vocabulary): void {
  const asked = `learn from teacher "${teacher.folder}" with the tokens of student "${student.folder}"`;
  const fix = 'Use a teacher and a student with the same tokenizer';
  const refuse = (found: string): never => {
    throw new InputError({ asked, found, fix });
  };
  const [own, other] = [student.tokenizer, teacher.tokenizer];
  if (own !== other) {
    if (own.vocabularySize !== other.vocabularySize) {
      const difference = firstDifference(own, other, Math.min(own.vocabularySize, other.vocabularySize));
      const first = difference === undefined ? '' : `; the first that differs is ${difference}`;
      refuse(`the teacher's tokenizer has ${other.vocabularySize} tokens, the student's ${own.vocabularySize}${first}`);
    }
    const difference = firstDifference(own, other, own.vocabularySize);
    if (difference !== undefined) refuse(`the tokenizers differ, first in ${difference}`);
    for (const [what, mine, theirs] of [
      ['tokens before a document', own.prefix, other.prefix],
      [
        'token that ends a document',
        own.eos === undefined ? [] : [own.eos],
        other.eos === undefined ? [] : [other.eos],
      ],
    ] as const) {
      if (mine.join() === theirs.join()) continue;
      refuse(
        `the ${what}: ${theirs.join(', ') || 'none'} for the teacher, ${mine.join(', ') || 'none'} for the student`,
      );
    }
  }
  const common = Math.min(student.architecture.sizes.vocab, teacher.architecture.sizes.vocab);
  if (common >= own.vocabularySize || student.architecture.sizes.vocab === teacher.architecture.sizes.vocab) return;
  refuse(
    `the teacher has ${teacher.architecture.sizes.vocab} rows, the student ${student.architecture.sizes.vocab}, and the tokenizer ${own.vocabularySize} tokens: a row that one lacks is no padding`,
  );
}

/** The first id below `count` whose text is not the same, in words. */
function firstDifference(own: TextCodec, other: TextCodec, count: number): string | undefined {
  for (let id = 0; id < count; id++) {
    const [mine, theirs] = [textOf(own, id), textOf(other, id)];
    if (mine !== theirs) return `token ${id}: ${theirs} for the teacher, ${mine} for the student`;
  }
  return undefined;
}

/** A token's text, or that the id is unused (tokenizers have gaps). */
function textOf(codec: TextCodec, id: number): string {
  return codec.hasToken(id) ? JSON.stringify(codec.decode([id])) : 'no token';
}
