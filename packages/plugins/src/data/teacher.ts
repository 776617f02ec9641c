// Text that the teacher writes itself, so that no dataset is needed.
import { sampleSequences, type DataSource } from '@espalier/core';

export interface TeacherTextOptions {
  /** Tokens of a document, the one that begins it included. */
  readonly length: number;
  /** Documents sampled at a time. */
  readonly batch?: number;
  /** 1 samples what the teacher believes; less is safer and more uniform text. */
  readonly temperature?: number;
  /** Draw only from the likeliest tokens that together have this probability. */
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
