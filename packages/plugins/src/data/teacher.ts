// Text that the teacher writes itself, so that no dataset is needed.
import { sampleSequences, type DataSource } from '@espalier/core';

/** How the teacher writes. */
export interface TeacherTextOptions {
  /** Tokens of a document, the one that begins it included. */
  readonly length: number;
  /** Documents sampled at a time; 64 when not given. */
  readonly batch?: number;
  /**
   * Divides the logits: 1 (when not given) samples what the teacher believes; less is safer and more uniform text, 0 the
   * likeliest token.
   */
  readonly temperature?: number;
  /** Draw only from the likeliest tokens that together have this probability (Holtzman et al. 2020); 1, all tokens, when not given. */
  readonly topP?: number;
}

/** Endless seeded samples of the teacher, each `length` tokens from the beginning of a text. */
export function teacherSource({ length, batch = 64, temperature = 1, topP = 1 }: TeacherTextOptions): DataSource {
  return {
    name: 'teacher',
    summary: 'text sampled from the teacher itself; needs no dataset',
    layout: 'padded',
    documents: ({ teacher, random, ...context }) =>
      sampleSequences(teacher, context, { batch, length, temperature, topP, random }),
  };
}
