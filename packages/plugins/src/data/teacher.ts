// Text that the teacher writes itself, so that no dataset is needed.
import { openStream, sampleSequences, type DataSource } from '@espalier/core';

/** How the teacher writes. */
export interface TeacherTextOptions {
  /** Tokens of a document, the one that begins it included; one more than the training length when not given. */
  readonly length?: number | undefined;
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

/** Endless seeded samples of the teacher, each `length` tokens from the beginning of a text; the first 128 of a stream of their own are held out. */
export function teacherSource(options: TeacherTextOptions = {}): DataSource {
  const { batch = 64, temperature = 1, topP = 1 } = options;
  return {
    name: 'teacher',
    summary: 'text sampled from the teacher itself; needs no dataset',
    layout: 'padded',
    open({ teacher, ...context }) {
      const { length = context.length + 1 } = options;
      const shape = { batch, length, temperature, topP };
      const write = (random: typeof context.random) => sampleSequences(teacher, context, { ...shape, random });
      return Promise.resolve(openStream(write, context, { costly: true }));
    },
  };
}
